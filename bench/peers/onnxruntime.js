// ONNX Runtime's side of braid_bench_side_by_side: models that PyTorch exported from the same parameters.
// Reads one JSON object a line from standard input and answers each with one: load, output, run.
'use strict';
const fs = require('fs');
const readline = require('readline');
const ort = require('onnxruntime-node');

function readSafetensors(path) {
  const data = fs.readFileSync(path);
  const size = Number(data.readBigUInt64LE(0));
  const tensors = {};
  for (const [name, entry] of Object.entries(JSON.parse(data.subarray(8, 8 + size).toString()))) {
    if (name === '__metadata__' || entry.dtype !== 'F32') continue;
    const [begin, end] = entry.data_offsets;
    const bytes = Uint8Array.from(data.subarray(8 + size + begin, 8 + size + end));
    tensors[name] = new ort.Tensor('float32', new Float32Array(bytes.buffer), entry.shape);
  }
  return tensors;
}

let session = null;
let feeds = {};

const handlers = {
  async load(request) {
    session = await ort.InferenceSession.create(request.model, {
      intraOpNumThreads: request.threads, interOpNumThreads: 1, graphOptimizationLevel: 'all',
    });
    const tensors = readSafetensors(request.inputs);
    feeds = {};
    for (const name of request.names) feeds[name] = tensors[name];
    const version = require('onnxruntime-node/package.json').version;
    return {name: 'ONNX Runtime ' + version};
  },
  async output() {
    const result = await session.run(feeds);
    return {values: Array.from(result.output.data)};
  },
  async run(request) {
    const seconds = [];
    for (let i = 0; i < request.times; ++i) {
      const started = process.hrtime.bigint();
      await session.run(feeds);
      seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
    }
    return {seconds};
  },
};

async function main() {
  for await (const line of readline.createInterface({input: process.stdin})) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = await handlers[request.do](request);
    } catch (error) {
      answer = {error: String(error)};
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

main();
