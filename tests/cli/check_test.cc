#include <gtest/gtest.h>

#include <string>

#include "tests/cli/program.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

TEST(Check, GoodFilesGetOneLineEach) {
  const Outcome run = run_sconce({"check", "nil.ascii.ref.t7", "Byte_1d.binary.ref.t7", "Byte_1d.b32.ref.t7"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out,
            "nil.ascii.ref.t7: ok: ascii, 2 bytes, 0 objects\n"
            "Byte_1d.binary.ref.t7: ok: b64, 114 bytes, 2 objects\n"
            "Byte_1d.b32.ref.t7: ok: b32, 98 bytes, 2 objects\n");
}

TEST(Check, OtherFormatsAreReadToo) {
  const std::string json = R"({"table":1,"count":1,"pairs":[["a",[1]]]})";
  const Outcome bad = run_sconce({"check", "-"}, json);
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_TRUE(bad.err.starts_with("sconce: -: byte 35: at a: ")) << bad.err;
  const std::string npz = run_sconce({"convert", "Byte_1d.ascii.ref.t7", "-", "--to", "npz"}).out;
  const Outcome good = run_sconce({"check", "-"}, npz);
  EXPECT_EQ(good.err, "");
  EXPECT_EQ(good.out, "-: ok: npz, " + std::to_string(npz.size()) + " bytes, 3 objects\n");
}

TEST(Check, AnEmptyTensorInB32IsNotTakenForATruncatedB64) {
  const Outcome run = run_sconce({"check", "Float_empty.b32.ref.t7"});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, "Float_empty.b32.ref.t7: ok: b32, 48 bytes, 1 object\n");
}

TEST(Check, ATensorInB64ThatWasCutOffIsNotTakenForAnEmptyOneInB32) {
  const std::string bytes = read_golden("Double_2d.binary.ref.t7");
  const Outcome run = run_sconce({"check", "-"}, bytes.substr(0, bytes.size() - 1));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(
      run.err,
      "sconce: -: byte 119: at (root): the input claims 15 elements of a storage, but only 119 bytes are left of it\n");
}

TEST(Check, BytesBehindTheObjectAreNotGood) {
  const std::string bytes = read_golden("tab_empty.ascii.ref.t7") + "123456";
  const Outcome run = run_sconce({"check", "-"}, bytes);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "sconce: -: byte 6: at (root): the object ends here, but 6 bytes follow; --allow-trailing-bytes leaves out "
            "what follows\n");
  const Outcome allowed = run_sconce({"check", "-", "--allow-trailing-bytes"}, bytes);
  EXPECT_EQ(allowed.exit_code, 0);
  EXPECT_EQ(allowed.out, "-: ok: ascii, 6 bytes, 1 object, and 6 bytes behind the object\n");
  EXPECT_EQ(run_sconce({"check", "-"}, "0\n \r\n\t\n").exit_code, 0) << "white space is nothing";
}

TEST(Check, ABadByteBehindAnUndeclaredClassNamesTheClass) {
  const Outcome run = run_sconce({"check", "-"}, "4\n1\n3\nV 1\n6\nmy.Two\n3\n2\n0\n3\n3\n0\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(
      run.err,
      "sconce: -: byte 25: at (root): the object ends here, but 1 more object (6 bytes) follows; the class my.Two at "
      "byte 0, read before, has no declared layout, so its payload was read as one object: if it writes something "
      "else, declare its layout with --classes; --object 2 reads the next one, and --allow-trailing-bytes leaves "
      "out what follows\n");
}

TEST(Check, BytesBehindAKnownClassNameTheClass) {
  const std::string fields = "4\n1\n3\nV 1\n12\nnn.CAddTable\n3\n2\n0\n";
  const Outcome run = run_sconce({"check", "-"}, fields + "4\n3\n3\nV 1\n18\ntorch.DoubleTensor\n0\n1\n0\n");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "sconce: -: byte 32: at (root): the object ends here, but 1 more object (38 bytes) follows; the class "
            "nn.CAddTable at byte 0, the last one, was read as one object, the table of its fields: if it wrote "
            "something else, declare its layout with --classes; --object 2 reads the next one, and "
            "--allow-trailing-bytes leaves out what follows\n");
  const Outcome second =
      run_sconce({"check", "-", "--from", "ascii", "--object", "2"}, "1\n5\n4\n1\n3\nV 1\n6\nnn.GPU\n0\n0\nx");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("the object ends here, but 1 byte follows; the class nn.GPU at byte 4, the last one"),
            std::string::npos)
      << second.err;
  const Outcome cut = run_sconce({"check", "-"}, "4\n1\n3\nV 1\n6\nnn.GPU\n3\n2\n0\n");
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_NE(cut.err.find("the class nn.GPU at byte 0, the last one, was read by its built-in layout"),
            std::string::npos)
      << cut.err;
}

TEST(Check, WhatIsAssumedOfAClassIsTold) {
  const std::string one = "4\n1\n3\nV 1\n6\nmy.Two\n3\n2\n0\n";
  const Outcome run = run_sconce({"check", "-"}, one);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "-: ok: ascii, 25 bytes, 2 objects; not declared, so each read as one object: my.Two\n");
  const TemporaryDirectory folder;
  const std::string classes = folder.write("classes", "my.*: object\n");
  EXPECT_EQ(run_sconce({"check", "-", "--classes", classes}, one).out, "-: ok: ascii, 25 bytes, 2 objects\n");
  EXPECT_EQ(run_sconce({"check", "nn_mlp.ascii.ref.t7"}).out.find("declared"), std::string::npos);
  const std::string no_name = run_sconce({"check", "-"}, "4\n1\n3\nV 1\n0\n\n3\n2\n0\n").out;
  EXPECT_TRUE(no_name.ends_with("read as one object: (empty name)\n")) << no_name;
}

TEST(Check, AFileOfSeveralObjectsIsReadOneByOne) {
  const Outcome all = run_sconce({"check", "extra/two_objects.ascii.ref.t7"});
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_NE(all.err.find("1 more object (4 bytes) follows; --object 2 reads the next one"), std::string::npos)
      << all.err;
  for (const char* number : {"1", "2"}) {
    const Outcome one = run_sconce({"check", "extra/two_objects.ascii.ref.t7", "--object", number});
    EXPECT_EQ(one.exit_code, 0) << one.err;
  }
  const Outcome none = run_sconce({"check", "extra/two_objects.ascii.ref.t7", "--object", "3"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.err, "sconce: extra/two_objects.ascii.ref.t7: there is no object 3: the input holds 2 objects\n");
  EXPECT_EQ(run_sconce({"check", "extra/trailing_garbage.ascii.ref.t7", "--object", "1"}).exit_code, 1);
  EXPECT_EQ(run_sconce({"check", "nil.ascii.ref.t7", "--object", "0"}).exit_code, 2);
  EXPECT_EQ(run_sconce({"check", "-", "--object", "2"}, "{\"number\":\"inf\"}").exit_code, 1);
}

TEST(Check, LineEndsThatWereChangedAreNamed) {
  for (const char* file :
       {"classes/crlf_bytes.ascii.t7", "classes/crlf_linear.ascii.t7", "classes/crlf_tensor.ascii.t7"}) {
    const Outcome run = run_sconce({"check", file});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("the line ends are CR LF"), std::string::npos) << run.err;
  }
}

TEST(Check, OneBadFileDoesNotHideTheOthers) {
  const Outcome run = run_sconce({"check", "extra/bad_type9.ascii.ref.t7", "nil.ascii.ref.t7"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "nil.ascii.ref.t7: ok: ascii, 2 bytes, 0 objects\n");
  EXPECT_TRUE(run.err.starts_with("sconce: extra/bad_type9.ascii.ref.t7: the input is in no format")) << run.err;
}

TEST(Check, ATruncatedFileIsToldByByteAndPath) {
  const Outcome run = run_sconce({"check", "-"}, "3\n1\n1\n2\n5\nmodel\n3\n2\n1\n1\n3\n2\n4\nab");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "sconce: -: byte 28: at model[3]: the input claims 4 bytes of a string, but only 3 bytes are left of it\n");
}

TEST(Check, DataThatIsNotThereIsAnError) {
  const Outcome run = run_sconce({"check", "--data", "no-such-data"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: no-such-data: there is no store in `no-such-data`\n");
  EXPECT_EQ(run_sconce({"check"}).exit_code, 2);
}

TEST(Check, ControlCharactersInNamesStayOnTheLine) {
  const Outcome run = run_sconce({"check", "no\nsuch\x1b[31m\xff"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: no\\nsuch\\x1b[31m\\xff: cannot open: No such file or directory\n");
}

TEST(Check, AFolderIsNotAnObject) {
  const Outcome run = run_sconce({"check", "extra"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: extra: cannot read: Is a directory\n");
}

TEST(Check, AnEmptyFileIsTruncated) {
  const Outcome run = run_sconce({"check", "extra/bad_empty.ascii.ref.t7"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "sconce: extra/bad_empty.ascii.ref.t7: byte 0: at (root): the input is empty\n");
}

/// By every command, whether its format is detected or named.
TEST(Check, AFileOfOtherProgramsIsNamedWithWhatToDo) {
  const std::pair<std::string, std::string> files[] = {
      {"legacy.t7", "a PyTorch file (pickle) of torch.save; load it in PyTorch, and save its tensors with safetensors"},
      {"pickle.t7", "a Python pickle; load it in Python, and save its arrays with safetensors or numpy.savez"},
      {"zip.t7", "a zip of PyTorch's torch.save; load it in PyTorch, and save its tensors with safetensors"}};
  const TemporaryDirectory folder;
  for (const auto& [name, sentence] : files) {
    const std::string file = "foreign/" + name;
    const std::string says = "sconce: " + file + ": this is " + sentence + '\n';
    EXPECT_EQ(run_sconce({"check", file}).err, says);
    EXPECT_EQ(run_sconce({"inspect", file}).err, says);
    EXPECT_EQ(run_sconce({"convert", file, folder / "out"}).err, says);
    for (const std::string format : {"b64", "b32", "ascii", "json", "npy", "safetensors"}) {
      const std::string named = "; this is " + sentence + '\n';
      EXPECT_TRUE(run_sconce({"check", file, "--from", format}).err.ends_with(named)) << format;
      EXPECT_TRUE(run_sconce({"inspect", file, "--from", format}).err.ends_with(named)) << format;
      EXPECT_TRUE(run_sconce({"convert", file, folder / "out", "--from", format}).err.ends_with(named)) << format;
    }
  }
}

}  // namespace
}  // namespace sconce::tests
