#include <gtest/gtest.h>

#include <string>

#include "tests/cli/program.h"

namespace sconce::tests {
namespace {

void expect_tree(const std::string& file, const std::string& tree) {
  const Outcome run = run_sconce({"inspect", file});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, tree);
}

/// The tree of ascii `text`, without the line of its format.
std::string tree_of(const std::string& text) {
  const Outcome run = run_sconce({"inspect", "-", "--from", "ascii"}, text);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  return run.out.substr(run.out.find('\n') + 1);
}

TEST(Inspect, TensorsShowTheirGeometryAndWhatTheyShare) {
  expect_tree("Float_shared.ascii.ref.t7",
              "ascii, 337 bytes\n"
              "table #1, 4 pairs\n"
              "  [1]: torch.FloatTensor #2: 12 of f32, strides 1, offset 1\n"
              "    storage: torch.FloatStorage #3: 12 of f32, 48 bytes\n"
              "  [2]: torch.FloatTensor #4: 4 of f32, strides 1, offset 3\n"
              "    storage: same as #3\n"
              "  [3]: torch.FloatTensor #5: 4x3 of f32, strides 1 4, offset 1\n"
              "    storage: same as #3\n"
              "  st: same as #3\n");
}

TEST(Inspect, ClassesShowTheirFields) {
  expect_tree("nn_criterion.b32.ref.t7",
              "b32, 564 bytes\n"
              "nn.ClassNLLCriterion #1: table #2, 7 pairs\n"
              "  gradInput: torch.DoubleTensor #3: empty of f64, offset 1\n"
              "    storage: nil\n"
              "  output: 0\n"
              "  target: torch.LongTensor #4: 1 of i64, strides 1, offset 1\n"
              "    storage: torch.LongStorage #5: 1 of i64, 8 bytes\n"
              "  sizeAverage: true\n"
              "  ignoreIndex: -100\n"
              "  output_tensor: torch.DoubleTensor #6: 1 of f64, strides 1, offset 1\n"
              "    storage: torch.DoubleStorage #7: 1 of f64, 8 bytes\n"
              "  total_weight_tensor: torch.DoubleTensor #8: 1 of f64, strides 1, offset 1\n"
              "    storage: torch.DoubleStorage #9: 1 of f64, 8 bytes\n");
}

TEST(Inspect, FunctionsShowTheirUpvalues) {
  expect_tree("func_upvalues.ascii.ref.t7",
              "ascii, 220 bytes\n"
              "function #1, 89 bytes of code\n"
              "  upvalues: table #2, 2 pairs\n"
              "    [1]: table #3, 3 pairs\n"
              "      name: \"up\"\n"
              "      id: 1\n"
              "      value: 5\n"
              "    [2]: table #4, 3 pairs\n"
              "      name: \"upt\"\n"
              "      id: 2\n"
              "      value: table #5, 1 pair\n"
              "        k: \"v\"\n");
}

TEST(Inspect, DeclaredPairsAreLabelled) {
  expect_tree("tds_hash.ascii.ref.t7",
              "ascii, 53 bytes\n"
              "tds.Hash #1 (V 0)\n"
              "  1 of i64\n"
              "  [3]: true\n"
              "  a: 1\n"
              "  b: \"x\"\n");
}

TEST(Inspect, KeysThatAreObjectsStandBeforeTheirValues) {
  EXPECT_EQ(tree_of("3 1 2 3 2 1 5 1 1 7 1 5 3 2 1 6"),
            "table #1, 2 pairs\n"
            "  key: table #2, 1 pair\n"
            "    [true]: 7\n"
            "  [#2]: 5\n"
            "  [#2]: 6\n");
}

TEST(Inspect, StringsAreEscapedAndCut) {
  EXPECT_EQ(tree_of("2\n5\n\x1b\"\\\n\xff\n"), "\"\\x1b\\\"\\\\\\n\\xff\"\n");
  EXPECT_EQ(tree_of("2\n4\n\xc2\x9b\xc3\xa9\n"), "\"\\xc2\\x9b\xc3\xa9\"\n");
  EXPECT_EQ(tree_of("2\n64\n" + std::string(64, 'a') + "\n"), "\"" + std::string(64, 'a') + "\"\n");
  EXPECT_EQ(tree_of("2\n65\n" + std::string(65, 'a') + "\n"), "\"" + std::string(64, 'a') + "\"..., 65 bytes\n");
  EXPECT_EQ(tree_of("2\n100000\n" + std::string(100000, 'a') + "\n"),
            "\"" + std::string(64, 'a') + "\"..., 100000 bytes\n");
}

TEST(Inspect, LongKeysAreCut) {
  const std::string key = "2\n100000\n" + std::string(100000, 'a') + "\n";
  EXPECT_EQ(tree_of("3\n1\n1\n" + key + "1\n5\n"), "table #1, 1 pair\n  [\"" + std::string(64, 'a') + "\"...]: 5\n");
}

TEST(Inspect, ClassNamesAndVersionsAreEscaped) {
  EXPECT_EQ(tree_of("4\n1\n4\nV 2\n\n4\nA\n\x1b[\n0\n"),
            "A\\n\\x1b[ #1 (V 2\\n): nil\nnot declared, so each read as one object: A\\n\\x1b[\n");
  EXPECT_EQ(tree_of("4\n1\n3\nOld\n0\n"), "Old #1 (no version): nil\nnot declared, so each read as one object: Old\n");
}

TEST(Inspect, DeepObjectsAreNotIndentedWithoutEnd) {
  std::string nested;
  for (int index = 1; index <= 34; ++index) nested += "3 " + std::to_string(index) + " 1 1 1 ";
  const std::string tree = tree_of(nested + "0");
  const std::string indent(64, ' ');
  EXPECT_TRUE(tree.ends_with('\n' + indent + "[1]: table #33, 1 pair\n" +  //
                             indent + "(level 33) [1]: table #34, 1 pair\n" + indent + "(level 34) [1]: nil\n"))
      << tree;
}

TEST(Inspect, WhatCouldBeReadStandsBeforeTheError) {
  const Outcome run = run_sconce({"inspect", "-"}, "3\n1\n2\n1\n1\n5\n1\n1\n2\n9\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "ascii, 20 bytes\ntable #1, 2 pairs\n  [1]: true\n");
  EXPECT_EQ(run.err, "sconce: -: byte 18: at [2]: an object begins with a tag from 0 to 8, not 9\n");
}

TEST(Inspect, OtherFormatsStandAsTheObjectThatTheyHold) {
  const std::string tree =
      "torch.FloatTensor #1: 3x5 of f32, strides 5 1, offset 1\n"
      "  storage: torch.FloatStorage #2: 15 of f32, 60 bytes\n";
  const std::string npy = run_sconce({"convert", "Float_2d.ascii.ref.t7", "-", "--to", "npy"}).out;
  EXPECT_EQ(run_sconce({"inspect", "-"}, npy).out, "npy, 188 bytes\n" + tree);
  const std::string json = run_sconce({"convert", "Float_2d.ascii.ref.t7", "-", "--to", "json"}).out;
  EXPECT_EQ(run_sconce({"inspect", "-"}, json).out, "json, " + std::to_string(json.size()) + " bytes\n" + tree);
  const std::string table =
      "table #1, 1 pair\n  arr_0: torch.FloatTensor #2: 3x5 of f32, strides 5 1, offset 1\n"
      "    storage: torch.FloatStorage #3: 15 of f32, 60 bytes\n";
  const std::string npz = run_sconce({"convert", "Float_2d.ascii.ref.t7", "-", "--to", "npz"}).out;
  EXPECT_EQ(run_sconce({"inspect", "-"}, npz).out, "npz, " + std::to_string(npz.size()) + " bytes\n" + table);
}

TEST(Inspect, WhatCouldBeReadOfJsonStandsBeforeTheError) {
  const Outcome run = run_sconce({"inspect", "-"}, R"({"table":1,"count":2,"pairs":[[1,true],[2,x]]})");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(run.out.starts_with("json, 46 bytes\n")) << run.out;
  EXPECT_TRUE(run.err.starts_with("sconce: -: byte 42: at [2]: ")) << run.err;
}

TEST(Inspect, SaysHowManyObjectsFollow) {
  const std::string three = "3\n1\n1\n2\n1\na\n1\n5\n3\n1\n0\n";
  const Outcome run = run_sconce({"inspect", "-"}, three);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "ascii, 22 bytes\ntable #1, 1 pair\n  a: 5\nand 2 more objects (6 bytes) behind the object\n");
  const Outcome second = run_sconce({"inspect", "-", "--object", "2"}, three);
  EXPECT_EQ(second.out, "ascii, 22 bytes\nsame as #1\nand 1 more object (2 bytes) behind the object\n");
}

TEST(Inspect, TellsWhatIsAssumedOfClasses) {
  const std::string one = "4\n1\n3\nV 1\n6\nmy.Two\n3\n2\n0\n";
  const Outcome run = run_sconce({"inspect", "-"}, one);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out,
            "ascii, 25 bytes\nmy.Two #1: table #2, 0 pairs\nnot declared, so each read as one object: my.Two\n");
  const Outcome behind = run_sconce({"inspect", "-"}, one + "3\n3\n0\n");
  EXPECT_EQ(behind.exit_code, 1);
  EXPECT_NE(behind.err.find("the class my.Two at byte 0"), std::string::npos) << behind.err;
}

TEST(Inspect, BytesBehindTheObjectAreNoted) {
  const Outcome run = run_sconce({"inspect", "-"}, "2\n1\na\n12");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "ascii, 8 bytes\n\"a\"\nand 2 bytes behind the object\n");
}

}  // namespace
}  // namespace sconce::tests
