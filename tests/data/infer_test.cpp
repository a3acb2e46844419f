#include "data/infer.h"

#include <gtest/gtest.h>

#include "manifests.h"

namespace braid::data {
namespace {

// 60 rows with one column of every sort.
std::string every_sort() {
  std::string text = "id,label,photo,sound,vector,film,age,code,count,colour,notes,key,blank,doc\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format(
        "s{0},{1},i/{0}.PNG,a/{0}.wav,v.npy#{0},f/{0}.mp4,{2}.5,{3},{0},{4},some words about case "
        "{0} "
        "here,k{0}x,,d/{0}.align\n",
        i, i % 3, (i * 37) % 50, i % 4, i % 2 ? "red" : "light blue");
  return text;
}

const Inference& of(const Dataset& dataset, const std::string& column) {
  for (const Inference& inference : dataset.inferences())
    if (inference.column == column) return inference;
  throw std::runtime_error("no inference for " + column);
}

TEST(infer, every_sort_of_column) {
  Manifest m(every_sort());
  const Dataset dataset = m.open();
  const struct {
    const char *column, *use;
    Kind kind;
  } expected[] = {
      {"label", "target", Kind::text},  {"photo", "field", Kind::image},
      {"sound", "field", Kind::audio},  {"vector", "field", Kind::embedding},
      {"film", "field", Kind::video},   {"age", "field", Kind::numeric},
      {"code", "field", Kind::numeric}, {"colour", "field", Kind::category},
      {"notes", "field", Kind::text},
  };
  for (const auto& e : expected) {
    EXPECT_EQ(of(dataset, e.column).use, e.use) << e.column;
    EXPECT_EQ(of(dataset, e.column).kind, e.kind) << e.column;
  }
  EXPECT_EQ(of(dataset, "id").use, "id");
  EXPECT_EQ(of(dataset, "count").use, "id");  // 0..59
  EXPECT_EQ(of(dataset, "key").use, "id");    // 60 different words
  EXPECT_EQ(of(dataset, "blank").use, "ignored");
  EXPECT_EQ(of(dataset, "doc").use, "ignored");
  EXPECT_NE(of(dataset, "code").reason.find("4 different; set kinds.code=category"),
            std::string::npos);
  EXPECT_EQ(of(dataset, "film").reason, "video: extension .mp4");
  ASSERT_EQ(dataset.modalities().size(), 6u);
  EXPECT_EQ(dataset.modalities()[4].name, "tabular");
  EXPECT_EQ(dataset.modalities()[4].fields, (std::vector<std::string>{"age", "code", "colour"}));
  EXPECT_EQ(dataset.modalities()[5].name, "notes");
}

TEST(infer, kinds_of_paths) {
  const std::pair<const char*, Kind> cells[] = {{"a.csv", Kind::series},
                                                {"a.tsv#t=1,2", Kind::series},
                                                {"eda.series.npy#3", Kind::series},
                                                {"eda.npy#3", Kind::embedding},
                                                {"clip.mp4", Kind::video},
                                                {"clip.mp4#t=0.5,1", Kind::video},
                                                {"clip.mp4#audio", Kind::audio},
                                                {"clip.mkv#audio&t=1,2", Kind::audio},
                                                {"talk.wav#t=,0.8", Kind::audio},
                                                {"brain.nii", Kind::volume},
                                                {"brain.nii.gz", Kind::volume},
                                                {"slice.dcm", Kind::volume}};
  for (const auto& [cell, kind] : cells) {
    Manifest m(fmt::format("label,x\n0,\"{0}\"\n1,\"{0}\"\n", cell));
    EXPECT_EQ(of(m.open(), "x").kind, kind) << cell;
    EXPECT_EQ(of(m.open(), "x").use, "field") << cell;
  }
}

TEST(infer, named_fields_are_the_only_inputs_and_ids_count_then) {
  Manifest m(every_sort());
  m.config.fields = {"count", "key"};
  const Dataset dataset = m.open();
  ASSERT_EQ(dataset.fields().size(), 2u);
  EXPECT_EQ(dataset.fields()[0].kind, Kind::numeric);
  EXPECT_EQ(dataset.fields()[1].kind,
            Kind::text);  // 60 different values are too many for a category
  EXPECT_EQ(of(dataset, "photo").reason, "not named in fields");
}

TEST(infer, exclude_and_kinds) {
  Manifest m(every_sort());
  m.config.exclude = {"photo", "sound", "vector"};
  m.config.kinds = {{"code", "category"}, {"colour", "text"}};
  const Dataset dataset = m.open();
  EXPECT_EQ(of(dataset, "photo").use, "ignored");
  EXPECT_EQ(of(dataset, "code").kind, Kind::category);
  EXPECT_EQ(of(dataset, "colour").kind, Kind::text);
}

TEST(infer, columns_as_one_embedding) {
  Manifest m("label,gx,gy,note\n0,1,2,one two three four\n1,3,,five six seven eight\n");
  m.config.embeddings = {{"gyro", {"gx", "gy"}}};
  const Dataset dataset = m.open();
  const Modality& gyro = dataset.modalities().back();
  EXPECT_EQ(gyro.name, "gyro");
  EXPECT_EQ(gyro.kind, Kind::embedding);
  EXPECT_EQ(gyro.fields, (std::vector<std::string>{"gx", "gy"}));
  EXPECT_EQ(std::get<std::vector<float>>(dataset.sample(0).values.at("gyro")),
            (std::vector<float>{1, 2}));
  EXPECT_EQ(dataset.sample(1).values.count("gyro"), 0u);  // gy is empty
}

TEST(infer, mistakes_in_names) {
  Manifest m(every_sort());
  m.config.fields = {"phto"};
  EXPECT_FAILURE(m.open(), data, "fields: unknown column 'phto'; did you mean 'photo'?");
  m.config.fields = {"label"};
  EXPECT_FAILURE(m.open(), config, "column 'label' is the target");
  m.config.fields = {};
  m.config.kinds = {{"photo", "imag"}};
  EXPECT_FAILURE(m.open(), config, "kinds.photo: unknown kind 'imag'; did you mean 'image'?");
  m.config.kinds = Json::object();
  m.config.target = "lable";
  EXPECT_FAILURE(m.open(), data, "target: unknown column 'lable'; did you mean 'label'?");
  m.config.target = "label";
  m.config.exclude = {"agee"};
  EXPECT_FAILURE(m.open(), data, "exclude: unknown column 'agee'; did you mean 'age'?");
  m.config.exclude = {};
  m.config.group = "label";
  EXPECT_FAILURE(m.open(), config, "expected one use, got target and group");
  m.config.group = "";
  m.config.embeddings = {{"age", {"code"}}};
  EXPECT_FAILURE(m.open(), config, "embeddings.age: this is a column's name too");
  m.config.embeddings = {{"e", {"cod"}}};
  EXPECT_FAILURE(m.open(), data, "embeddings.e: unknown column 'cod'");
}

TEST(infer, a_field_called_tabular_beside_the_modality) {
  Manifest m("label,tabular,x\n0,some long words here,1\n1,other long words here,2.5\n");
  EXPECT_FAILURE(m.open(), config, "rename the column");
  m.config.exclude = {"x"};
  EXPECT_EQ(m.open().modalities()[0].name, "tabular");
}

TEST(infer, no_input_left) {
  Manifest m("id,label\n1,a\n2,b\n");
  EXPECT_FAILURE(m.open(), data, "expected at least one input column");
}

TEST(infer, stray_cells_are_warned_of) {
  std::string text = "label,age\n";
  for (int i = 0; i < 20; ++i)
    text += fmt::format("{},{}\n", i % 2, i == 15 ? "NA" : std::to_string(i % 5));
  Manifest m(text);
  EXPECT_EQ(m.open().fields()[0].kind, Kind::category);
  EXPECT_TRUE(m.warned("m.csv:17: column \"age\": 19 of 20 cells are numeric, but not this one"));
}

}  // namespace
}  // namespace braid::data
