// The classes that are built in (docs/formats.md, "Classes"): what each writes is read, kept and written again.

#include <gtest/gtest.h>

#include "core/classes/known_classes.h"
#include "core/graph/serialize.h"
#include "core/graph/transcode.h"
#include "core/outline/canonical_writer.h"
#include "core/outline/object_parts.h"
#include "core/outline/part_finder.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/convert/object_importer.h"
#include "proto/formats/convert/object_output.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::Format;

/// The begin of an instance of index 1 in ascii.
std::string instance(std::string_view name, std::string_view version = "V 1") {
  const auto text = [](std::string_view bytes) {
    return std::to_string(bytes.size()) + '\n' + std::string(bytes) + '\n';
  };
  return "4\n1\n" + text(version) + text(name);
}

/// `{"a" = N}` with this index, in ascii.
std::string fields(int index) { return "3\n" + std::to_string(index) + "\n1\n2\n1\na\n1\n7\n"; }
std::string list(int index) { return "3\n" + std::to_string(index) + "\n1\n1\n1\n1\n2\n"; }
std::string data_parallel(std::string_view name, std::string_view version) {
  return instance(name, version) + list(2) + fields(3);
}

struct ClassRow {
  std::string name;
  std::string ascii;  // as its `write` writes it
};

/// Each as the class's own source writes it, line by line.
std::vector<ClassRow> class_rows() {
  const std::string f = fields(2);
  std::vector<ClassRow> rows = {
      {"torch.Timer", instance("torch.Timer")},
      {"torch.Generator", instance("torch.Generator") + std::string(2524, '\n') + std::string(2524, '\r') + '\n'},
      {"nn.GPU", instance("nn.GPU") + list(2) + fields(3)},
      {"nn.DataParallelTable 1", instance("nn.DataParallelTable") + f},
      {"nn.DataParallelTable 2", data_parallel("nn.DataParallelTable", "V 2")},
      {"nn.DataParallelTable 3", data_parallel("nn.DataParallelTable", "V 3")},
      {"nn.DataParallelTable.Basic", instance("nn.DataParallelTable.Basic") + f},
      {"nn.DataParallelTable.Threads", instance("nn.DataParallelTable.Threads") + f},
      {"nn.ModelParallelTable", data_parallel("nn.ModelParallelTable", "V 3")},
      {"torch.MultiCudaTensor", instance("torch.MultiCudaTensor") + f + "1\n2\n" + "1\n1\n2\n1\nx\n" + "1\n2\n0\n"},
      {"torch.MultiCudaTensor of none", instance("torch.MultiCudaTensor") + f + "1\n0\n"},
      {"nn.PyramidPacker", instance("nn.PyramidPacker") + f + "3\n0.5\n1\n1.5\n"},
      {"nn.PyramidPacker of none", instance("nn.PyramidPacker") + f + "0\n"},
      {"nn.PyramidUnPacker", instance("nn.PyramidUnPacker") + f + "1\n0.25\n"},
      {"nn.DataSet", instance("nn.DataSet") + "1\n2\n1\n5\n0\n"},
      {"nn.DataList", instance("nn.DataList") + "0\n1\n" + f},
      {"package.torchnet.transform", instance("package.torchnet.transform")},
      {"tds_vec", instance("tds_vec", "V 0") + "2\n1\n5\n0\n"},
      {"tds_hash", instance("tds_hash", "V 0") + "1\n1\n5\n5\n1\n"},
      {"tds.Vec", instance("tds.Vec", "V 0") + "2\n1\n5\n0\n"},
      {"tds.Hash", instance("tds.Hash", "V 0") + "1\n1\n5\n5\n1\n"},
      {"tds.AtomicCounter", instance("tds.AtomicCounter", "V 0") + "-3\n"},
      {"torch.ZFloatStorage", instance("torch.ZFloatStorage", "V 0") + "2\n1\n0.5\n-1\n0\n"},
      {"torch.ZDoubleStorage", instance("torch.ZDoubleStorage", "V 0") + "1\n1\n0.10000000000000001\n"},
      {"torch.ZFloatTensor", instance("torch.ZFloatTensor", "V 0") + f + fields(3) + "1\n0\n"},
      {"torch.ZDoubleTensor", instance("torch.ZDoubleTensor", "V 0") + f + fields(3) + "1\n0\n"},
      {"StringVector", instance("StringVector", "V 0") + "1\n2\n" + f + fields(3)},
      {"tunnel.Hash", instance("tunnel.Hash") + f + "0\n"},
      {"tunnel.Vector", instance("tunnel.Vector") + f + "0\n0\n0\n0\n1\n5\n"},
      {"tunnel.Atomic", instance("tunnel.Atomic") + f + "0\n0\n0\n1\n5\n"},
      {"dp.Postgres", instance("dp.Postgres") + f + "2\n1\nx\n"},
      {"torch.ClStorage", instance("torch.ClStorage") + "2\n1 0.5\n"},
  };
  for (const std::string type : {"Byte", "Char", "Short", "Int", "Long", "Float", "Double"}) {
    rows.push_back({type + "Vector", instance(type + "Vector", "V 0") + "1\n" + f});
    rows.push_back({type + "AtomicVector", instance(type + "AtomicVector", "V 0") + "1\n" + f + "0\n0\n0\n"});
  }
  return rows;
}

core::ReadOptions whole_input(std::string_view input) {
  return {.trailing = core::TrailingBytes::refuse, .input_bytes = input.size()};
}

core::Result<std::string> transcoded(std::string_view input, Format from, Format to) {
  std::string bytes;
  core::StringSink out(bytes);
  const auto used = core::transcode(bytes_of(input), out, {.from = from, .to = to, .read = whole_input(input)});
  if (!used) return std::unexpected(used.error());
  return bytes;
}

/// What was read before it went wrong, or all, and the error.
std::string read_in_two(std::string_view input, Format format, std::size_t cut) {
  EventRecorder recorder;
  core::EventReader reader(format, recorder, whole_input(input));
  auto used = reader.put(bytes_of(input.substr(0, cut)));
  if (used) used = reader.put_last(bytes_of(input.substr(*used)));
  return recorder.text() + (used ? "" : to_string(used.error()));
}

std::string name_in_test(const testing::TestParamInfo<ClassRow>& row) {
  std::string name = row.param.name;
  std::ranges::replace_if(name, [](char c) { return c == '.' || c == ' ' || c == '_'; }, 'X');
  return name + std::to_string(row.index);
}

class BuiltInClass : public testing::TestWithParam<ClassRow> {};
INSTANTIATE_TEST_SUITE_P(Classes, BuiltInClass, testing::ValuesIn(class_rows()), name_in_test);

TEST_P(BuiltInClass, GoesThroughEveryFormatByteForByte) {
  const std::string& ascii = GetParam().ascii;
  EXPECT_EQ(transcoded(ascii, Format::ascii, Format::ascii), ascii);
  for (const Format format : {Format::binary, Format::b32}) {
    const auto written = transcoded(ascii, Format::ascii, format);
    ASSERT_TRUE(written) << to_string(written.error());
    EXPECT_EQ(transcoded(*written, format, format), written);
    EXPECT_EQ(transcoded(*written, format, Format::ascii), ascii);
  }
}

TEST_P(BuiltInClass, IsTheSameAsAGraph) {
  const std::string& ascii = GetParam().ascii;
  const core::DeserializeOptions options{.format = Format::ascii, .read = whole_input(ascii)};
  const auto read = core::deserialize(bytes_of(ascii), options);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(core::serialize(read->object, Format::ascii), ascii);
  EXPECT_EQ(core::serialize(read->object, Format::ascii, false), ascii);
}

TEST_P(BuiltInClass, IsTheSameWhereverItIsCut) {
  const auto binary = transcoded(GetParam().ascii, Format::ascii, Format::binary);
  ASSERT_TRUE(binary) << to_string(binary.error());
  for (const auto& [input, format] : {std::pair(GetParam().ascii, Format::ascii), std::pair(*binary, Format::binary)}) {
    const std::string whole = read_in_two(input, format, input.size());
    const std::size_t step = input.size() > 2000 ? 97 : 1;
    for (std::size_t cut = 0; cut < input.size(); cut += step) {
      ASSERT_EQ(read_in_two(input, format, cut), whole) << "cut at " << cut;
      EventRecorder recorder;
      core::EventReader reader(format, recorder);
      const auto early = reader.put_last(bytes_of(std::string_view(input).substr(0, cut)));
      const bool told = format == Format::ascii || (!early && early.error().code == core::ErrorCode::truncated);
      ASSERT_TRUE(told) << "cut at " << cut;
    }
  }
}

TEST_P(BuiltInClass, GoesThroughJson) {
  const auto binary = transcoded(GetParam().ascii, Format::ascii, Format::binary);
  ASSERT_TRUE(binary) << to_string(binary.error());
  core::MemorySource source(bytes_of(*binary));
  std::string json;
  core::StringSink json_out(json);
  const auto output =
      proto::begin_whole_output(source, core::default_class_layouts(), proto::ObjectFormat::json, json_out);
  while (!output->done()) ASSERT_TRUE(output->advance());
  std::string again;
  core::StringSink out(again);
  proto::ObjectImporter intake({.format = proto::ObjectFormat::json, .read = {}, .spool = {}}, out);
  ASSERT_TRUE(intake.put(bytes_of(json)));
  const core::Status finished = intake.finish();
  ASSERT_TRUE(finished) << to_string(finished.error()) << json;
  EXPECT_TRUE(again == *binary) << json;
  EXPECT_TRUE(intake.undeclared().names().empty());
}

TEST_P(BuiltInClass, HasAnOutlineThatIsReadAgain) {
  const std::string& ascii = GetParam().ascii;
  std::string canonical;
  core::StringSink out(canonical);
  core::CanonicalWriter writer(Format::ascii, out, whole_input(ascii));
  ASSERT_TRUE(writer.put(bytes_of(ascii)));
  ASSERT_TRUE(writer.finish());
  EXPECT_TRUE(writer.undeclared().names().empty());
  const core::Outline outline = writer.take_outline();
  EXPECT_EQ(outline.parts[0].size_bytes, canonical.size());
  core::MemorySource source(bytes_of(canonical));
  core::Budget budget;
  const auto scanned = core::scan_outline(source, core::default_class_layouts(), budget);
  ASSERT_TRUE(scanned) << to_string(scanned.error());
  EXPECT_TRUE(scanned->parts == outline.parts);
}

/// Every class of the table has a row here.
TEST(BuiltInClasses, EachIsTried) {
  std::string tried;
  for (const ClassRow& row : class_rows()) tried += '\n' + row.name + ' ';
  std::string_view text = core::built_in_layouts_text();
  std::size_t count = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::string name(line.substr(0, line.find_first_of(" :*")));
    EXPECT_NE(tried.find('\n' + name), std::string::npos) << name;
    EXPECT_NE(read_golden("../../docs/formats.md").find(name), std::string::npos) << name << " is not in the docs";
    count += 1;
  }
  EXPECT_EQ(count, 42U);
  core::LayoutTable table;
  const core::Status added = table.add_all(core::built_in_layouts_text());
  EXPECT_TRUE(added) << added.error().what;
}

TEST(BuiltInClasses, TheLayoutsOf2011CanBeDeclared) {
  core::ClassLayouts classes;
  const core::Status declared = classes.declare_all(read_golden("../../docs/layouts/nn-2011.classes"));
  ASSERT_TRUE(declared) << declared.error().what;
  EXPECT_EQ(*classes.find("nn.Criterion", "V 1"), *core::parse_layout("object double"));
}

TEST(BuiltInClasses, RealFilesGoFromBinaryToAsciiAndBack) {
  for (const std::string name : {"profile_and_gpu", "data_parallel_in_table", "cl_table"}) {
    SCOPED_TRACE(name);
    const std::string binary = read_golden("classes/" + name + ".binary.t7");
    const std::string ascii = read_golden("classes/" + name + ".ascii.t7");
    EXPECT_EQ(transcoded(binary, Format::binary, Format::binary), binary);
    EXPECT_EQ(transcoded(ascii, Format::ascii, Format::ascii), ascii);
    const auto as_ascii = transcoded(binary, Format::binary, Format::ascii);
    ASSERT_TRUE(as_ascii) << to_string(as_ascii.error());
    EXPECT_EQ(transcoded(*as_ascii, Format::ascii, Format::binary), binary);
  }
  for (const std::string name : {"data_parallel.binary", "cl_tensor.binary"}) {
    const std::string binary = read_golden("classes/" + name + ".t7");
    EXPECT_EQ(transcoded(binary, Format::binary, Format::binary), binary) << name;
  }
  const std::string b32 = read_golden("classes/data_parallel.b32.t7");
  EXPECT_EQ(transcoded(b32, Format::b32, Format::b32), b32);
}

TEST(BuiltInClasses, WhereTheMisreadingBalancedTheGpuHasItsPlace) {
  for (const auto& [file, format] : {std::pair("classes/profile_and_gpu.binary.t7", Format::binary),
                                     std::pair("classes/profile_and_gpu.ascii.t7", Format::ascii)}) {
    const auto object = core::deserialize(read_golden(file), format);
    ASSERT_TRUE(object) << to_string(object.error());
    const core::Value gpu = (*(*object->root().instance())["modules"].table())[2];
    ASSERT_NE(gpu.instance(), nullptr);
    EXPECT_EQ(gpu.instance()->class_name(), "nn.GPU");
    const core::Value inner = (*(*gpu.instance())["modules"].table())[1];
    EXPECT_NE((*inner.instance())["weight"].tensor(), nullptr);
    const auto in_full = core::serialize(*object, Format::binary, false);
    ASSERT_TRUE(in_full);
    EXPECT_EQ(in_full->size(), 3492U) << "as many as Torch itself writes";
  }
}

TEST(BuiltInClasses, AClTensorIsATensor) {
  const auto object = core::deserialize(read_golden("classes/cl_tensor.binary.t7"), Format::automatic);
  ASSERT_TRUE(object) << to_string(object.error());
  const core::Tensor* tensor = object->root().tensor();
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->type(), core::ElementType::f32);
  EXPECT_EQ(tensor->sizes().size(), 2U);
}

}  // namespace
}  // namespace sconce::tests
