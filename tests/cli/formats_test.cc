// What `sconce convert` makes of formats that are not Torch's, and of parts of objects.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using testing::IsEmpty;

/// A table of two tensors, as JSON.
const std::string kTensors =
    R"({"table":1,"count":2,"pairs":[)"
    R"(["a",{"tensor":"torch.FloatTensor","version":"V 1","index":2,"sizes":[2,2],"strides":[2,1],"offset":1,)"
    R"("storage":{"storage":"torch.FloatStorage","version":"V 1","index":3,"count":4,"elements":[1,2.5,-0.0,"nan"]}}],)"
    R"(["b",{"tensor":"torch.LongTensor","version":"V 1","index":4,"sizes":[2],"strides":[1],"offset":1,)"
    R"("storage":{"storage":"torch.LongStorage","version":"V 1","index":5,"count":2,"elements":[7,-9007199254740993]}}])"
    "]}\n";

/// What `convert` writes to stdout; `in` is its stdin, unless `arguments` begin with a file.
std::string converted(const std::vector<std::string>& arguments, const std::string& in = "") {
  std::vector<std::string> words = {"convert"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Outcome run = run_sconce(words, in);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  return run.out;
}

void expect_refusal(const std::vector<std::string>& arguments, const std::string& in, const std::string& err) {
  const TemporaryDirectory folder;
  std::vector<std::string> words = {"convert", "-", folder / "out"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Outcome run = run_sconce(words, in);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: -: " + err + '\n');
  EXPECT_THAT(folder.names(), IsEmpty());
}

class ConvertThroughJson : public testing::TestWithParam<std::string> {};

TEST_P(ConvertThroughJson, GivesTorchsBytesBack) {
  const std::string json = converted({GetParam() + ".binary.ref.t7", "-", "--to", "json"});
  for (const std::string from : {"ascii", "b32"}) {
    const GoldenRow* const row = golden_row(GetParam(), *core::format_from_name(from), true);
    if (row == nullptr) continue;
    EXPECT_EQ(converted({row->file, "-", "--from", from, "--to", "json"}), json);
  }
  for (const std::string to : {"binary", "ascii"}) {
    EXPECT_EQ(converted({"-", "-", "--from", "json", "--to", to}, json),
              read_golden(GetParam() + '.' + to + ".ref.t7"));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ConvertThroughJson,
                         testing::Values("nil", "num_third", "str_all256", "tab_cyclic", "tab_tablekey", "Float_shared",
                                         "Half_narrow", "Long_1d", "func_upvalues", "nn_cnn", "tds_hash"),
                         [](const auto& test) { return test.param; });

TEST(ConvertFormats, ATensorGoesThroughEveryFormatOfTensors) {
  const std::string binary = read_golden("Float_2d.binary.ref.t7");
  const std::string npy = converted({"Float_2d.ascii.ref.t7", "-", "--to", "npy"});
  EXPECT_TRUE(npy.starts_with("\x93NUMPY")) << npy.substr(0, 6);
  EXPECT_EQ(converted({"-", "-"}, npy), binary);
  for (const std::string format : {"npz", "safetensors"}) {
    const std::string bytes = converted({"-", "-", "--to", format}, npy);
    const std::string name = format == "npz" ? "arr_0" : "tensor";
    EXPECT_EQ(converted({"-", "-", "--path", name}, bytes), binary) << format;
  }
}

TEST(ConvertFormats, ATableOfTensorsGoesThroughNpzAndSafetensors) {
  const std::string binary = converted({"-", "-"}, kTensors);
  for (const std::string format : {"npz", "safetensors"}) {
    const std::string bytes = converted({"-", "-", "--to", format}, binary);
    EXPECT_EQ(converted({"-", "-", "--to", "json"}, bytes), kTensors) << format;
    EXPECT_EQ(converted({"-", "-", "--from", format, "--to", "b64"}, bytes), binary) << format;
  }
}

TEST(ConvertFormats, PlainJsonIsForPeople) {
  EXPECT_EQ(converted({"-", "-", "--to", "json", "--style", "plain"}, kTensors),
            "{\"a\":[[1,2.5],[-0.0,null]],\"b\":[7,-9007199254740993]}\n");
  EXPECT_EQ(converted({"-", "-", "--to", "json", "--style", "lossless"}, kTensors), kTensors);
}

TEST(ConvertFormats, WhatIsSharedIsWrittenInFullOnRequest) {
  const std::string json = converted({"Float_shared.binary.ref.t7", "-", "--to", "json"});
  EXPECT_EQ(converted({"-", "-", "--referenced", "false"}, json), read_golden("Float_shared.binary.noref.t7"));
  EXPECT_EQ(converted({"-", "-", "--referenced", "false", "--to", "ascii", "--path", "[3]"}, json),
            converted({"Float_shared.binary.noref.t7", "-", "--to", "ascii", "--path", "[3]"}));
}

TEST(ConvertFormats, InputWithoutReferencesIsReadOnRequest) {
  const std::string twice = "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n2\n0\n";
  EXPECT_EQ(converted({"-", "-", "--in-referenced", "false", "--to", "json"}, twice),
            "{\"table\":1,\"count\":2,\"pairs\":[[1,{\"table\":2,\"count\":0,\"pairs\":[]}],"
            "[2,{\"table\":3,\"count\":0,\"pairs\":[]}]]}\n");
}

TEST(ConvertFormats, DeclaredClassesAreReadByTheirLayout) {
  const TemporaryDirectory folder;
  const std::string classes = folder.write("classes", golden_class_text());
  const std::string json = converted({"cls_packed.b32.ref.t7", "-", "--classes", classes, "--to", "json"});
  EXPECT_EQ(converted({"-", "-", "--classes", classes}, json), read_golden("cls_packed.binary.ref.t7"));
}

TEST(ConvertParts, APathNamesWhatIsWritten) {
  EXPECT_EQ(converted({"Float_shared.ascii.ref.t7", "-", "--path", "[2]", "--to", "json", "--style", "plain"}),
            converted({"Float_shared.binary.ref.t7", "-", "--path", "[2]", "--to", "json", "--style", "plain"}));
  EXPECT_EQ(converted({"-", "-", "--path", "b", "--to", "ascii"}, kTensors),
            "4\n1\n3\nV 1\n16\ntorch.LongTensor\n1\n2\n1\n1\n4\n2\n3\nV 1\n17\ntorch.LongStorage\n2\n"
            "7 -9007199254740993\n");
}

TEST(ConvertParts, ASliceNamesElements) {
  EXPECT_EQ(converted({"-", "-", "--path", "a", "--slice", "0,::-1", "--to", "json", "--style", "plain"}, kTensors),
            "[2.5,1]\n");
  const std::string row = converted({"-", "-", "--path", "a", "--slice", "0", "--to", "npy"}, kTensors);
  EXPECT_EQ(converted({"-", "-", "--to", "json", "--style", "plain"}, row), "[1,2.5]\n");
}

TEST(ConvertParts, IndicesOutOfOrderAreNoObstacle) {
  const std::string table = "3\n7\n1\n2\n1\na\n3\n5\n1\n2\n1\nb\n2\n2\nhi\n";
  EXPECT_EQ(converted({"-", "-", "--path", "a.b", "--to", "ascii"}, table), "2\n2\nhi\n");
  EXPECT_EQ(converted({"-", "-", "--path", "a", "--to", "ascii"}, table), "3\n1\n1\n2\n1\nb\n2\n2\nhi\n");
}

TEST(ConvertParts, BytesBehindATorchObjectAreLeftOutOnRequest) {
  const std::string more = read_golden("Float_2d.binary.ref.t7") + "more";
  EXPECT_EQ(converted({"-", "-", "--to", "npy", "--allow-trailing-bytes"}, more),
            converted({"Float_2d.binary.ref.t7", "-", "--to", "npy"}));
  EXPECT_EQ(converted({"-", "-", "--to", "json", "--allow-trailing-bytes"}, "2\n2\nhi\nmore"), "\"hi\"\n");
}

TEST(ConvertParts, WhatIsNotThereIsNamed) {
  expect_refusal({"--path", "c"}, kTensors, "at (root): there is no part c in the table that stands here; it has a, b");
  expect_refusal({"--path", "a.x"}, kTensors,
                 "at a: there is no part x in what stands here, a tensor, which has no parts");
  expect_refusal({"--path", "a", "--slice", "2"}, kTensors,
                 "at a: the index 2 is out of range: dimension 0 has the size 2");
  expect_refusal({"--slice", "0"}, kTensors, "at (root): only a tensor can be sliced, and this part is a table");
}

TEST(ConvertFormats, WhatAFormatCannotSayIsNamed) {
  expect_refusal({"--to", "npy"}, kTensors, "at (root): this format holds one tensor, and this part is a table");
  expect_refusal({"--to", "safetensors"}, "3\n1\n1\n2\n1\na\n2\n2\nhi\n",
                 "at a: this format holds tensors, and this part is a string");
  const std::string cycle = "3\n1\n1\n2\n1\na\n3\n1\n";
  expect_refusal({"--to", "json", "--style", "plain"}, cycle,
                 "at a: the object contains itself, which plain JSON cannot say; ask for the lossless JSON");
  expect_refusal({"--path", "b", "--to", "b32"}, kTensors,
                 "at b: b32 has 4-byte longs and cannot hold -9007199254740993; write it as b64, binary or ascii");
}

/// An instance of a class with a payload of its own, and a tensor in it, so that something is left to be written.
std::string table_with(const std::string& class_name, const std::string& payload) {
  return "3\n1\n1\n2\n1\na\n4\n2\n3\nV 1\n" + std::to_string(class_name.size()) + '\n' + class_name + '\n' + payload;
}

TEST(ConvertFormats, WhatAClassWritesBesidesObjectsIsNotDropped) {
  const TemporaryDirectory folder;
  std::ofstream(folder / "classes") << "my.Bytes: byte[3] object\nmy.Text: int:n char[n]\nmy.Late: object short\n"
                                       "my.Split: int:n int:m pair[n] pair[m]\nmy.Rounds: int:k (int:n pair[n])[k]\n"
                                       "my.New V 1+: float\nmy.Unused: int:n object\n";
  const std::string empty = "3\n3\n0\n";
  struct Row {
    std::string class_name;
    std::string payload;
    std::string type;
  };
  std::string generator;
  for (int i = 0; i < 5048; ++i) generator += 'x';
  const std::vector<Row> rows = {
      {"tds.AtomicCounter", "7\n", "i64"},
      {"torch.ZFloatStorage", "2\n1\n2\n3\n4\n", "f32"},
      {"torch.ZDoubleStorage", "0\n", "f64"},
      {"torch.Generator", generator + '\n', "u8"},
      {"nn.PyramidPacker", empty + "1\n0.5\n", "f64"},
      {"nn.DataSet", "4\n0\n", "i32"},
      {"my.Bytes", "abc\n" + empty, "u8"},
      {"my.Text", "3\nabc\n", "i32"},
      {"my.Late", empty + "5\n", "i16"},
      {"my.Split", "0\n0\n", "i32"},
      {"my.Rounds", "1\n0\n", "i32"},
      {"my.New", "0.5\n", "f32"},
      {"my.Unused", "5\n" + empty, "i32"},
  };
  for (const Row& row : rows) {
    const std::string says =
        "this format holds tensors, and the class " + row.class_name + " writes scalars (" + row.type + ")";
    const std::string object = table_with(row.class_name, row.payload);
    for (const std::string format : {"npz", "safetensors"}) {
      expect_refusal({"--to", format, "--from", "ascii", "--classes", folder / "classes"}, object, "at a: " + says);
      expect_refusal({"--to", format, "--from", "ascii", "--classes", folder / "classes", "--path", "a"}, object,
                     "at a: " + says);
    }
  }
}

TEST(ConvertFormats, CountsAndPayloadsThatHoldNothingAreNoObstacle) {
  const std::string tensor =
      "4\n3\n3\nV 1\n16\ntorch.ByteTensor\n1\n1\n1\n1\n"
      "4\n4\n3\nV 1\n17\ntorch.ByteStorage\n1\nx\n";
  const std::vector<std::string> to = {"-", "-", "--from", "ascii", "--to", "safetensors"};
  EXPECT_NE(converted(to, table_with("tds.Hash", "1\n2\n1\nb\n" + tensor)).find("\"a.b\""), std::string::npos);
  EXPECT_NE(converted(to, table_with("tds.Vec", "1\n" + tensor)).find("\"a.1\""), std::string::npos);
  EXPECT_EQ(converted(to, table_with("torch.Timer", "")).substr(8, 2), "{}");
}

TEST(ConvertFormats, BrokenInputIsToldByByteAndPath) {
  expect_refusal({}, kTensors.substr(0, 100), "byte 100: at a: the JSON ends before its value does");
  expect_refusal({}, kTensors + "x",
                 "byte 455: at (root): expected nothing more behind the value, and `x` stands there");
  const std::string npy = converted({"-", "-", "--path", "a", "--to", "npy"}, kTensors);
  expect_refusal({}, npy.substr(0, 140), "byte 140: at (root): 4 bytes of the elements are missing");
  const std::string safetensors = converted({"-", "-", "--to", "safetensors"}, kTensors);
  expect_refusal({}, safetensors + '\n', "byte 152: at (root): there are bytes behind the last tensor");
  expect_refusal({"--to", "json"}, "3\n1\n1\n2\n1\na\n9\n",
                 "byte 12: at a: an object begins with a tag from 0 to 8, not 9");
}

TEST(ConvertFormats, OnlyInputThatIsNotCanonicalNeedsATemporaryFile) {
  const std::string nowhere = "TMPDIR=/nowhere";
  const Outcome mapped = run_sconce({"convert", "Float_2d.binary.ref.t7", "-", "--to", "npy"}, "", nowhere);
  EXPECT_EQ(mapped.err, "");
  EXPECT_EQ(mapped.exit_code, 0);
  const Outcome spooled = run_sconce({"convert", "Float_2d.ascii.ref.t7", "-", "--to", "npy"}, "", nowhere);
  EXPECT_EQ(spooled.err, "sconce: -: cannot find the folder for temporary files: No such file or directory\n");
  EXPECT_EQ(spooled.exit_code, 1);
}

TEST(ConvertFormats, WhatOfAnNpzIsNoArrayIsLeftOutAndNamed) {
  const std::string note = "no arrays, so left out: README.txt\n";
  const Outcome run = run_sconce({"convert", "foreign/readme.npz", "-", "--to", "npz"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "sconce: foreign/readme.npz: " + note);
  EXPECT_EQ(run_sconce({"check", "-"}, run.out).out,
            "-: ok: npz, " + std::to_string(run.out.size()) + " bytes, 3 objects\n");
  EXPECT_TRUE(run_sconce({"check", "foreign/readme.npz"}).out.ends_with("3 objects; " + note));
  EXPECT_TRUE(run_sconce({"inspect", "foreign/readme.npz"}).out.ends_with('\n' + note));
}

}  // namespace
}  // namespace sconce::tests
