// Classes that write their own payload: counts that are none, and classes that nobody knows.

#include <gtest/gtest.h>

#include <cmath>

#include "core/classes/undeclared_classes.h"
#include "core/event/null_sink.h"
#include "tests/hostile/refusal.h"
#include "tests/hostile/wire.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::ErrorCode;
using core::Format;

core::ReadOptions strict(const core::ClassLayouts& classes = core::default_class_layouts()) {
  core::ReadOptions options;
  options.trailing = core::TrailingBytes::refuse;
  options.classes = &classes;
  return options;
}

Wire packer(double count) { return Wire().instance(1, "nn.PyramidPacker").table(2, 0).f64(count); }
Wire multi(double count) { return Wire().instance(1, "torch.MultiCudaTensor").table(2, 0).number(count); }

TEST(ClassAttacks, CountsThatAreNone) {
  for (const double count :
       std::initializer_list<double>{std::nan(""), 0.5, INFINITY, -INFINITY, 1e300, 9007199254740994.0}) {
    expect_refused({
        {"a double", packer(count).bytes(), ErrorCode::malformed, 55, "", "a count of a declared class is no count"},
        {"a number", multi(count).bytes(), ErrorCode::malformed, 64, "", "a count of a declared class is no count"},
    });
  }
  expect_refused({
      {"negative", packer(-1).bytes(), ErrorCode::malformed, 55, "", "a count of a declared class is -1"},
      {"negative pairs", multi(-3).bytes(), ErrorCode::malformed, 64, "", "a count of a declared class is -3"},
      {"no number", Wire().instance(1, "torch.MultiCudaTensor").table(2, 0).string("x").bytes(), ErrorCode::malformed,
       52, "", "a count of a declared class is a number, not tag 2"},
  });
}

TEST(ClassAttacks, HugeCountsCostNothing) {
  const auto with_size = [](const std::string& input) {
    core::ReadOptions options = strict();
    options.input_bytes = input.size();
    return options;
  };
  const std::string many = packer(9007199254740992.0).f64(1).bytes();
  const std::string pairs = multi(9007199254740992.0).number(1).bytes();
  expect_refused({
      {"rounds", many, ErrorCode::truncated, 55, "", "9007199254740992 rounds", Format::binary, with_size(many)},
      {"pairs", pairs, ErrorCode::truncated, 64, "", "9007199254740992 objects", Format::binary, with_size(pairs)},
      {"rounds, unannounced", many, ErrorCode::truncated, 63, "", "the input ends"},
  });
}

TEST(ClassAttacks, AnUndeclaredClassWithBytesBehindItIsNamed) {
  expect_refused({
      {"two objects", Wire().instance(1, "my.Two").table(2, 0).table(3, 0).bytes(), ErrorCode::trailing_bytes, 37, "",
       "the class my.Two at byte 0, read before, has no declared layout, so its payload was read as one object: if it "
       "writes something else, declare its layout with --classes",
       Format::binary, strict()},
      {"in ascii", "4\n1\n3\nV 1\n6\nmy.Two\n3\n2\n0\n3\n3\n0\n", ErrorCode::trailing_bytes, 25, "",
       "the class my.Two at byte 0", Format::ascii, strict()},
      {"a scalar", Wire().instance(1, "my.Count").number(1).number(2).bytes(), ErrorCode::trailing_bytes, 39, "",
       "the class my.Count at byte 0 has no declared layout, so its payload was read as one object, which is no table "
       "of fields: declare what it writes with --classes",
       Format::binary, strict()},
  });
}

/// Versions of long ago, and of other platforms, wrote something else than what is known of their classes.
TEST(ClassAttacks, AKnownClassThatWroteSomethingElseIsNamed) {
  const auto two = [](std::string_view name, int objects) {
    Wire wire = Wire().instance(1, name).table(2, 0);
    for (int i = 1; i < objects; ++i) wire.table(2 + i, 0);
    return wire.bytes();
  };
  const std::string generator = Wire().instance(1, "torch.Generator").raw(std::string(2544, 'x')).bytes();
  const std::string in_table = Wire().table(1, 1).string("g").instance(2, "torch.Generator").raw("xyz").bytes();
  core::ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.One", "object"));
  expect_refused({
      {"fields", two("nn.CAddTable", 2), ErrorCode::trailing_bytes, 43, "",
       "but more bytes follow; the class nn.CAddTable at byte 0, the last one, was read as one object, the table of "
       "its "
       "fields: if it wrote something else, declare its layout with --classes",
       Format::binary, strict()},
      {"more than is built in", two("nn.GPU", 3), ErrorCode::trailing_bytes, 49, "",
       "the class nn.GPU at byte 0, the last one, was read by its built-in layout: if it wrote something else, declare "
       "its layout with --classes",
       Format::binary, strict()},
      {"less than is built in", two("nn.GPU", 1), ErrorCode::truncated, 37, "",
       "the class nn.GPU at byte 0, the last one, was read by its built-in layout", Format::binary, strict()},
      {"another version", two("nn.DataParallelTable", 2), ErrorCode::trailing_bytes, 51, "",
       "the class nn.DataParallelTable at byte 0, the last one", Format::binary, strict()},
      {"another platform", generator, ErrorCode::truncated, 2578, "", "the class torch.Generator at byte 0",
       Format::binary, strict()},
      {"in a table", in_table, ErrorCode::truncated, 58, R"(g)", "the class torch.Generator at byte 21", Format::binary,
       strict()},
      {"a wrong tag", Wire().table(1, 2).string("t").instance(2, "torch.Timer").i32(99).bytes(), ErrorCode::malformed,
       51, "", "the class torch.Timer at byte 21", Format::binary, strict()},
      {"what was declared", two("my.One", 2), ErrorCode::trailing_bytes, 37, "",
       "the class my.One at byte 0, the last one, was read by its declared layout: if it wrote something else, correct "
       "that in --classes",
       Format::binary, strict(classes)},
      {"what holds the last one",
       Wire().instance(1, "nn.GPU").table(2, 1).number(1).instance(3, "nn.Identity").table(4, 0).bytes(),
       ErrorCode::truncated, 91, "",
       "the class nn.GPU at byte 0 is not complete by its layout; the class nn.Identity at byte", Format::binary,
       strict()},
  });
}

TEST(ClassAttacks, ATableBecomesNoKeyBehindAnUndeclaredClassWithFields) {
  const auto trunk = [](Wire wire) { return wire.instance(2, "my.Trunk").table(3, 1).string("a").number(1); };
  const std::string balanced = trunk(Wire().table(1, 3).string("m"))
                                   .table(4, 1)
                                   .string("b")
                                   .number(2)
                                   .string("n")
                                   .instance(5, "my.Empty")
                                   .string("z")
                                   .number(3)
                                   .bytes();
  expect_refused({{"", balanced, ErrorCode::malformed, 81, "",
                   "a table stands where a key is expected; the class my.Trunk at byte 21"}});
  core::ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.Trunk", "object"));
  ASSERT_TRUE(classes.declare("my.Empty", "object"));
  expect_read(balanced, Format::binary, strict(classes));
}

TEST(ClassAttacks, ATensorThatNobodyKnowsIsNeverOneObject) {
  expect_refused({
      {"a tensor", Wire().instance(1, "torch.OtherTensor").i32(0).i64(1).nil().bytes(), ErrorCode::malformed, 19, "",
       "the class torch.OtherTensor is no tensor or storage that is known"},
      {"a storage", Wire().instance(1, "torch.Storage").nil().bytes(), ErrorCode::malformed, 19, "", "--classes"},
  });
  core::ClassLayouts classes;
  ASSERT_TRUE(classes.declare("torch.OtherTensor", "int long object"));
  expect_read(Wire().instance(1, "torch.OtherTensor").i32(0).i64(1).nil().bytes(), Format::binary, strict(classes));
}

/// Subclasses of nn.DataParallelTable write a list of GPUs and then their fields, under a version of their own.
TEST(ClassAttacks, FieldsThatWouldBecomeAKeyAreNot) {
  const auto own = [](Wire wire) { return wire.instance(2, "my.Parallel").table(3, 1).number(1).number(1); };
  expect_refused({
      {"among others", own(Wire().table(1, 2).string("m")).table(4, 0).string("n").number(1).bytes(),
       ErrorCode::malformed, 87, "", "a table stands where a key is expected; the class my.Parallel at byte 21"},
      {"as the last one", own(Wire().table(9, 2).string("x").table(1, 1).string("m")).table(4, 0).number(1).bytes(),
       ErrorCode::malformed, 108, "", "a table stands where a key is expected; the class my.Parallel at byte 42"},
  });
  core::ClassLayouts classes;
  ASSERT_TRUE(classes.declare("my.Parallel", "object object"));
  expect_read(own(Wire().table(1, 2).string("m")).table(4, 0).string("n").number(1).bytes(), Format::binary,
              strict(classes));
}

/// As torch.Timer and nn.GPU, whose misreadings balance, but of classes that nobody knows.
TEST(ClassAttacks, AClassThatWritesNothingIsTheSuspectNotWhatHoldsIt) {
  const std::string input = Wire()
                                .instance(1, "my.Holder")
                                .table(2, 2)
                                .string("timer")
                                .instance(3, "my.Timer")
                                .string("weight")
                                .byte_storage(4, "x")
                                .bytes();
  expect_refused({"", input, ErrorCode::malformed, 94, "",
                  "an instance stands where a key is expected; the class "
                  "my.Timer at byte 53"});
}

core::UndeclaredClasses undeclared_of(const std::string& input) {
  core::NullSink nowhere;
  core::EventReader reader(Format::binary, nowhere);
  EXPECT_TRUE(reader.put_last(bytes_of(input)));
  return reader.undeclared();
}

TEST(UndeclaredClasses, AreThoseThatAreNeitherKnownNorPlain) {
  const auto names = [](const std::string& input) {
    const core::UndeclaredClasses classes = undeclared_of(input);
    return std::vector<std::string>(classes.names().begin(), classes.names().end());
  };
  const auto with_fields = [](std::string_view name) {
    return Wire().instance(1, name).table(2, 1).string("a").number(1).bytes();
  };
  using Names = std::vector<std::string>;
  for (const char* plain : {"nn.Linear", "nn.gModule", "nngraph.Node", "cudnn.SpatialConvolution", "torch.Tester",
                            "sconce.Tensor", "tnt.IndexedDatasetReader"}) {
    EXPECT_EQ(names(with_fields(plain)), Names()) << plain;
  }
  EXPECT_EQ(names(with_fields("my.Class")), Names{"my.Class"});
  EXPECT_EQ(names(with_fields("nn.MyOwn")), Names{"nn.MyOwn"}) << "everybody adds classes to nn";
  EXPECT_EQ(names(with_fields("torch.Object")), Names{"torch.Object"});
  EXPECT_EQ(names(Wire().instance(1, "nn.Linear").byte_storage(2, "x").bytes()), Names{"nn.Linear"})
      << "of 2011, and cut off";
  EXPECT_EQ(names(Wire().instance(1, "nn.Sequential").table(2, 0).bytes()), Names());
}

TEST(UndeclaredClasses, AreBounded) {
  constexpr int kClasses = 100;
  Wire wire;
  wire.table(1, kClasses);
  for (int i = 0; i < kClasses; ++i) {
    wire.number(i).instance(2 + 2 * i, "my." + std::to_string(i)).table(3 + 2 * i, 0);
  }
  const core::UndeclaredClasses classes = undeclared_of(wire.bytes());
  EXPECT_EQ(classes.names().size(), core::UndeclaredClasses::kNamesMax);
  EXPECT_TRUE(classes.more());
}

TEST(ChangedText, LineEndsThatBecameCrLfAreNamed) {
  constexpr std::string_view kSays = "the line ends are CR LF";
  for (const char* file : {"crlf_bytes", "crlf_linear", "crlf_tensor"}) {
    expect_refused({file, read_golden("classes/" + std::string(file) + ".ascii.t7"), ErrorCode::malformed, 7, "",
                    std::string(kSays), Format::ascii});
  }
  expect_refused({
      {"a string", "2\r\n3\r\nabc\r\n", ErrorCode::malformed, 4, "", std::string(kSays), Format::ascii},
      {"one line of many", "3\n1\n1\n2\n1\r\na\n1\n5\n", ErrorCode::malformed, 9, R"([""])", std::string(kSays),
       Format::ascii},
      {"CR alone", "2\r3\rabc\r", ErrorCode::malformed, 3, "", std::string(kSays), Format::ascii},
      {"UTF-16", std::string("2\0\n\0", 4), ErrorCode::malformed, 0, "", "UTF-16", Format::ascii},
      {"UTF-16 with a mark", "\xff\xfe", ErrorCode::malformed, 0, "", "UTF-16", Format::ascii},
      {"a mark of UTF-8",
       "\xef\xbb\xbf"
       "1\n5\n",
       ErrorCode::malformed, 0, "", "byte order mark", Format::ascii},
  });
  expect_read("3\r\n1\r\n1\r\n1\r\n1\r\n5\r\n1\r\n", Format::ascii, strict());
  expect_read("2\n4\n\r\n\r\n\n", Format::ascii, strict());
}

}  // namespace
}  // namespace sconce::tests
