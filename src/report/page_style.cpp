#include "report/page_style.h"

namespace braid::report {

const char* const kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f6f9; --ink: #1b2430; --soft: #586474; --line: #d8dee6;
  --accent: #0b63a8; --good: #0072b2; --bad: #c25100; --heat: #0b63a8; --on-heat: #ffffff;
  --s0: #0072b2; --s1: #c25100; --s2: #00805d; --s3: #a94d84; --s4: #9a6b00; --s5: #66717f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #11161d; --panel: #1a212b; --ink: #e5e9ef; --soft: #9ca8b8; --line: #303a47;
    --accent: #6cb6f5; --good: #5ab4ee; --bad: #f2914f; --heat: #6cb6f5; --on-heat: #0c1118;
    --s0: #5ab4ee; --s1: #f2914f; --s2: #35c79b; --s3: #e39ac6; --s4: #e0b040; --s5: #98a3b2;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 28px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 44px 0 10px; padding-bottom: 5px; border-bottom: 1px solid var(--line); }
h3 { font-size: 15px; margin: 22px 0 6px; overflow-wrap: anywhere; }
p { margin: 8px 0; max-width: 76ch; overflow-wrap: anywhere; }
.soft, figcaption, caption { color: var(--soft); font-size: 13px; }
nav { margin: 18px 0 0; font-size: 13px; display: flex; flex-wrap: wrap; gap: 4px 16px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.verdict { margin: 18px 0 0; padding: 16px 20px; background: var(--panel); border-left: 5px solid var(--accent);
  border-radius: 4px; }
.verdict > p { font-size: 18px; font-weight: 600; line-height: 1.4; margin: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px 22px; margin: 14px 0 0; }
.facts div { min-width: 0; }
.facts dt { color: var(--soft); font-size: 12.5px; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd b { font-size: 17px; }
.facts small { color: var(--soft); font-size: 12.5px; display: block; }
.warning { border-left: 4px solid var(--bad); background: var(--panel); padding: 7px 12px; margin: 8px 0; border-radius: 4px; }
figure { margin: 14px 0; min-width: 0; }
figcaption { margin-top: 6px; max-width: 88ch; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 10px 26px; }
.grid.wide { grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); }
.grid > div { min-width: 0; break-inside: avoid; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.keep { white-space: nowrap; }
.beside { display: flex; flex-wrap: wrap; gap: 0 44px; } .beside > div { min-width: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; margin: 10px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 4px; }
th, td { padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; vertical-align: bottom; }
td.num, th.num { text-align: right; white-space: nowrap; padding: 5px 0 5px 14px; }
td.num + td:not(.num), th.num + th:not(.num) { padding-left: 18px; }
tr.strong td { font-weight: 650; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); }
th button:hover { color: var(--accent); }
th[aria-sort=ascending] button::after { content: " \2191"; } th[aria-sort=descending] button::after { content: " \2193"; }
.chip { display: inline-block; font-size: 11px; font-weight: 600; border: 1px solid currentColor; border-radius: 9px;
  padding: 0 7px; margin-left: 6px; color: var(--accent); white-space: nowrap; }
.bar { display: inline-block; width: 64px; height: 9px; background: var(--line); border-radius: 2px; overflow: hidden; }
.bar > span { display: block; height: 100%; background: var(--s0); }
pre { background: var(--panel); padding: 12px 14px; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
details { margin: 8px 0; } summary { cursor: pointer; color: var(--accent); }
.card { border: 1px solid var(--line); border-radius: 6px; padding: 4px 18px 12px; margin: 18px 0; min-width: 0; }
.card h3 { margin-top: 12px; } .card h4 { font-size: 13.5px; margin: 14px 0 4px; color: var(--soft); }
.chip.wrong { color: var(--bad); }
.maps { display: flex; flex-wrap: wrap; gap: 8px 16px; } .maps figure { margin: 4px 0; width: 180px; max-width: 46%; }
.maps.sound figure { width: 290px; max-width: 100%; }
.stack { position: relative; background: var(--panel); border: 1px solid var(--line); overflow: hidden; }
.stack img { position: absolute; inset: 0; width: 100%; height: 100%; } .stack .sharp { image-rendering: pixelated; }
.stack .under { opacity: 0.75; }
.words { line-height: 2; max-width: none; } .words span { padding: 2px 3px; border-radius: 3px; }
.pull { display: inline-block; position: relative; width: 110px; height: 11px; background: var(--panel); border-radius: 2px; }
.pull > span { position: absolute; top: 0; bottom: 0; } .for { background: var(--s1); } .against { background: var(--s0); }
svg { display: block; max-width: 100%; height: auto; font-family: inherit; }
svg text { fill: var(--ink); font-size: 12px; }
svg .soft { fill: var(--soft); font-size: 11px; }
svg .tiny { font-size: 9px; }
svg .bold { font-weight: 700; }
svg .head { fill: var(--soft); font-size: 11px; font-weight: 700; letter-spacing: 0.04em; }
svg .on { fill: var(--on-heat); }
.gridline { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
.reference { stroke: var(--soft); stroke-width: 1.3; stroke-dasharray: 5 4; fill: none; }
.heat { fill: var(--heat); } .empty { fill: var(--panel); } .frame { fill: none; stroke: var(--line); }
.line { fill: none; stroke: var(--c); stroke-width: 1.7; stroke-linejoin: round; }
.thin { stroke-width: 1; stroke-opacity: 0.65; }
.whisker { stroke: var(--c); stroke-width: 2; fill: none; }
.dot { fill: var(--c); stroke: var(--page); stroke-width: 1; }
.faint { fill: var(--c); fill-opacity: 0.5; }
.ring { fill: none; stroke: var(--ink); stroke-width: 1.6; }
.column { fill: var(--c); fill-opacity: 0.75; }
.lane { fill: var(--c); }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
.s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .good { --c: var(--good); } .bad { --c: var(--bad); }
@media (max-width: 620px) { main { padding: 18px 14px 40px; } h1 { font-size: 22px; } .verdict > p { font-size: 16px; } }
@media print {
  body { font-size: 11pt; } main { max-width: none; padding: 0; } nav { display: none; }
  table { font-size: 8pt; } td.num, th.num { padding-left: 8px; } th, td { padding-right: 8px; }
  .scroll { overflow: visible; } figure, tr, .verdict { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

const char* const kPageScript = R"js(
document.querySelectorAll("table.sortable").forEach(function (table) {
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  function key(row, column) {
    var cell = row.cells[column];
    if (cell.hasAttribute("data-sort")) return Number(cell.getAttribute("data-sort"));
    return heads[column].classList.contains("num") ? null : cell.textContent;
  }
  heads.forEach(function (head, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.title = "sort by this column";
    button.textContent = head.textContent;
    head.textContent = "";
    head.appendChild(button);
    button.addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
      rows.sort(function (a, b) {
        var x = key(a, column), y = key(b, column);
        if (x === null || y === null) return (x === null) - (y === null);
        var order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
        return up ? order : -order;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
});
)js";

}  // namespace braid::report
