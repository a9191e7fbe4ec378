#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kLongsLine =
    "sconce: Long_extreme.binary.ref.t7: byte 63: at (root): b32 has 4-byte longs and cannot hold "
    "-9223372036854775808; write it as b64, binary or ascii\n";

class ConvertBetween : public testing::TestWithParam<std::string> {};

TEST_P(ConvertBetween, EveryPairOfFormatsGivesTorchsBytes) {
  for (const std::string from : {"ascii", "binary", "b32"}) {
    for (const std::string to : {"ascii", "binary", "b32"}) {
      const Outcome run = run_sconce({"convert", GetParam() + '.' + from + ".ref.t7", "-", "--to", to});
      EXPECT_EQ(run.err, "");
      EXPECT_EQ(run.exit_code, 0);
      EXPECT_EQ(run.out, read_golden(GetParam() + '.' + to + ".ref.t7")) << from << " to " << to;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ConvertBetween,
                         testing::Values("Byte_newlines", "Double_extreme", "Float_shared", "Half_narrow", "Long_1d",
                                         "Float_empty", "nn_criterion", "tds_hash"),
                         [](const auto& test) { return test.param; });

TEST(Convert, StdinToStdoutIsBinaryUnlessToldOtherwise) {
  const Outcome run = run_sconce({"convert", "-", "-"}, read_golden("Byte_2d.ascii.ref.t7"));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, read_golden("Byte_2d.binary.ref.t7"));
}

TEST(Convert, WritesOneFileAndNothingBesideIt) {
  const TemporaryDirectory folder;
  const std::string out = folder.write("out.t7", "what was there before");
  const Outcome run = run_sconce({"convert", "Byte_2d.ascii.ref.t7", out, "--from", "ascii", "--to", "b64"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(read_file(out), read_golden("Byte_2d.binary.ref.t7"));
  EXPECT_THAT(folder.names(), ElementsAre("out.t7"));
}

TEST(Convert, AFileCanBeConvertedInPlace) {
  const TemporaryDirectory folder;
  const std::string file = folder.write("model.t7", read_golden("nn_criterion.binary.ref.t7"));
  EXPECT_EQ(run_sconce({"convert", file, file, "--to", "ascii"}).exit_code, 0);
  EXPECT_EQ(read_file(file), read_golden("nn_criterion.ascii.ref.t7"));
}

TEST(Convert, ASymbolicLinkStaysOne) {
  const TemporaryDirectory folder;
  folder.write("target.t7", "");
  std::filesystem::create_symlink("target.t7", folder / "link.t7");
  EXPECT_EQ(run_sconce({"convert", "nil.ascii.ref.t7", folder / "link.t7"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.t7"));
  EXPECT_EQ(read_file(folder / "target.t7"), read_golden("nil.binary.ref.t7"));
}

TEST(Convert, ADeviceIsWrittenAndNotReplaced) {
  const Outcome run = run_sconce({"convert", "nil.ascii.ref.t7", "/dev/full"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "sconce: /dev/full: cannot write /dev/full: No space left on device\n");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(Convert, WhatIsSharedIsWrittenInFullOnRequest) {
  const Outcome run = run_sconce({"convert", "Float_shared.binary.ref.t7", "-", "--referenced", "false"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, read_golden("Float_shared.binary.noref.t7"));
}

TEST(Convert, InputWithoutReferencesIsReadOnRequest) {
  const std::string twice = "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n2\n0\n";
  const Outcome run = run_sconce({"convert", "-", "-", "--in-referenced", "false", "--to", "ascii"}, twice);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n3\n0\n");
}

TEST(Convert, BytesBehindTheObjectAreNotLeftInSilence) {
  const std::string garbage = "extra/trailing_garbage.binary.ref.t7";
  for (const char* to : {"binary", "ascii", "json"}) {
    const TemporaryDirectory folder;
    const Outcome run = run_sconce({"convert", garbage, folder / "out", "--to", to});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, "sconce: " + garbage +
                           ": byte 12: at (root): the object ends here, but 4 bytes follow; --allow-trailing-bytes "
                           "leaves out what follows\n");
    EXPECT_THAT(folder.names(), IsEmpty());
    EXPECT_EQ(run_sconce({"convert", garbage, folder / "out", "--to", to, "--allow-trailing-bytes"}).exit_code, 0);
  }
  EXPECT_EQ(run_sconce({"convert", garbage, "-", "--to", "ascii", "--allow-trailing-bytes"}).out, "1\n5\n");
}

TEST(Convert, AnyObjectOfAFileThatHoldsSeveral) {
  for (const char* file : {"extra/two_objects.ascii.ref.t7", "extra/two_objects.binary.ref.t7"}) {
    EXPECT_EQ(run_sconce({"convert", file, "-", "--to", "ascii"}).exit_code, 1);
    EXPECT_EQ(run_sconce({"convert", file, "-", "--to", "ascii", "--object", "1"}).out, "1\n5\n");
    EXPECT_EQ(run_sconce({"convert", file, "-", "--to", "ascii", "--object", "2"}).out, "1\n6\n");
    EXPECT_EQ(run_sconce({"convert", file, "-", "--to", "json", "--object", "2"}).out, "6\n");
  }
  EXPECT_EQ(run_sconce({"convert", "extra/two_objects.ascii.ref.t7", "-", "--object", "3"}).exit_code, 1);
}

/// The indices of one file go on, so that a later object may refer to what an earlier one holds.
TEST(Convert, ALaterObjectBringsAlongWhatItShares) {
  const std::string shared = "3\n1\n1\n2\n1\na\n3\n2\n0\n3\n3\n2\n1\n1\n3\n2\n1\n2\n3\n1\n0\n";
  const Outcome second = run_sconce({"convert", "-", "-", "--to", "ascii", "--object", "2"}, shared);
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(second.out, "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n3\n1\n2\n1\na\n3\n2\n");
  const Outcome part = run_sconce({"convert", "-", "-", "--to", "ascii", "--object", "2", "--path", "[2].a"}, shared);
  EXPECT_EQ(part.out, "3\n1\n0\n");
  const Outcome third = run_sconce({"convert", "-", "-", "--to", "ascii", "--object", "3"}, shared);
  EXPECT_EQ(third.out, "0\n") << third.err;
  const Outcome in_full =
      run_sconce({"convert", "-", "-", "--to", "ascii", "--object", "2", "--referenced", "false"}, shared);
  EXPECT_EQ(in_full.out, "3\n1\n2\n1\n1\n3\n2\n0\n1\n2\n3\n3\n1\n2\n1\na\n3\n4\n0\n");
}

TEST(Convert, ClTensorsBecomeArraysAndSlices) {
  const Outcome npy = run_sconce({"convert", "classes/cl_tensor.binary.t7", "-", "--to", "npy"});
  EXPECT_EQ(npy.exit_code, 0) << npy.err;
  EXPECT_NE(npy.out.find("'descr': '<f4'"), std::string::npos);
  const Outcome slice = run_sconce(
      {"convert", "classes/cl_table.ascii.t7", "-", "--path", "w", "--slice", "0", "--to", "json", "--style", "plain"});
  EXPECT_EQ(slice.exit_code, 0) << slice.err;
  EXPECT_TRUE(slice.out.starts_with("[")) << slice.out;
}

TEST(Convert, DeclaredClassesAreReadByTheirLayout) {
  const TemporaryDirectory folder;
  const std::string classes = folder.write("classes", "oracle.Packed: int double int:n char[n] long[3] object\n");
  const Outcome run = run_sconce({"convert", "cls_packed.b32.ref.t7", "-", "--classes", classes, "--from", "b32"});
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, read_golden("cls_packed.binary.ref.t7"));
}

TEST(Convert, ALongThatB32CannotHoldIsNamedAndNothingIsWritten) {
  const TemporaryDirectory folder;
  const Outcome run = run_sconce({"convert", "Long_extreme.binary.ref.t7", folder / "out.t7", "--to", "b32"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, kLongsLine);
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Convert, AFailureLeavesTheOldFile) {
  const TemporaryDirectory folder;
  const std::string out = folder.write("out.t7", "what was there before");
  EXPECT_EQ(run_sconce({"convert", "Long_extreme.binary.ref.t7", out, "--to", "b32"}).exit_code, 1);
  EXPECT_EQ(read_file(out), "what was there before");
  EXPECT_THAT(folder.names(), ElementsAre("out.t7"));
}

TEST(Convert, MissingFilesAreNamed) {
  const Outcome in = run_sconce({"convert", "/nowhere/in.t7", "-"});
  EXPECT_EQ(in.exit_code, 1);
  EXPECT_EQ(in.err, "sconce: /nowhere/in.t7: cannot open: No such file or directory\n");
  const Outcome out = run_sconce({"convert", "nil.ascii.ref.t7", "/nowhere/out.t7"});
  EXPECT_EQ(out.exit_code, 1);
  EXPECT_EQ(out.err,
            "sconce: /nowhere/out.t7: cannot create a file beside /nowhere/out.t7: No such file or directory\n");
  const Outcome classes = run_sconce({"convert", "nil.ascii.ref.t7", "-", "--classes", "/nowhere/classes"});
  EXPECT_EQ(classes.exit_code, 1);
  EXPECT_EQ(classes.err, "sconce: /nowhere/classes: cannot open: No such file or directory\n");
}

}  // namespace
}  // namespace sconce::tests
