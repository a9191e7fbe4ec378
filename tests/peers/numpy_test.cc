// What numpy writes we read, and what we write numpy reads. Debian's python3 and python3-numpy must be there.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <sstream>

#include "core/graph/serialize.h"
#include "core/tensor/tensor_view.h"
#include "proto/formats/arrays/npy.h"
#include "proto/formats/arrays/safetensors.h"
#include "proto/formats/npz/npz.h"
#include "tests/proto/reading.h"
#include "tests/support/files.h"

namespace sconce::tests {
namespace {

using proto::Dtype;
using Shape = std::vector<std::int64_t>;

void run_python(const std::string& script, const TemporaryDirectory& folder) {
  // Debian's, and nothing of the user's.
  const std::string command =
      "/usr/bin/python3 -I " SCONCE_SOURCE_DIR "/tests/peers/" + script + ' ' + folder.path().string() + " >&2";
  ASSERT_EQ(std::system(command.c_str()), 0) << command << " (is python3-numpy installed?)";
}

/// One line of a manifest.
struct Line {
  std::string file, key, dtype, shape, bytes_file;
};

std::vector<Line> manifest_of(const TemporaryDirectory& folder) {
  std::vector<Line> lines;
  std::istringstream text(read_file(folder / "manifest"));
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    Line& read = lines.emplace_back();
    for (std::string* field : {&read.file, &read.key, &read.dtype, &read.shape, &read.bytes_file}) {
      std::getline(fields, *field, '|');
    }
  }
  return lines;
}

/// The object that the file holds.
core::Object read_object(const std::string& path) {
  const std::string input = read_file(path);
  RecordingWriter sink;
  core::Status status;
  if (path.ends_with(".npz")) {
    core::MemorySource zip(bytes_of(input));
    status = proto::read_npz(zip, sink, 1 << 24);
  } else {
    std::unique_ptr<proto::ObjectReader> reader = std::make_unique<proto::NpyReader>(sink);
    if (path.ends_with(".safetensors")) reader = std::make_unique<proto::SafetensorsReader>(sink);
    status = reader->put(bytes_of(input));
    if (status) status = reader->finish();
  }
  EXPECT_TRUE(status) << path << ": " << core::to_string(status.error());
  sink.expect_object();
  auto object = core::deserialize(sink.bytes());
  if (!object) throw std::runtime_error(path + ": " + core::to_string(object.error()));
  return std::move(*object);
}

std::string row_major(const core::Tensor& tensor) {
  std::string bytes;
  const std::size_t width = core::size_bytes_of(tensor.type());
  for (core::ElementWalk walk(tensor); !walk.at_end(); walk.advance()) {
    const auto at = static_cast<std::size_t>(walk.position()) * width;
    bytes.append(reinterpret_cast<const char*>(tensor.storage()->bytes().data()) + at, width);
  }
  return bytes;
}

std::string joined(std::span<const std::int64_t> sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += (text.empty() ? "" : " ") + std::to_string(size);
  return text;
}

void expect_array(const core::Value& value, const Line& line, const std::string& expected) {
  if (const core::Tensor* const tensor = value.tensor()) {
    EXPECT_EQ(proto::name_of(proto::dtype_of(tensor->type())), line.dtype);
    EXPECT_EQ(joined(tensor->sizes()), line.shape);
    EXPECT_TRUE(row_major(*tensor) == expected);
    return;
  }
  const core::Instance* const extension = value.instance();
  ASSERT_NE(extension, nullptr);
  EXPECT_EQ(extension->class_name(), proto::kExtensionClass);
  EXPECT_EQ((*extension)["dtype"].string(), line.dtype);
  Shape shape;
  for (const auto& [key, size] : (*extension)["shape"].table()->entries()) {
    shape.push_back(static_cast<std::int64_t>(*size.number()));
  }
  EXPECT_EQ(joined(shape), line.shape);
  EXPECT_TRUE(row_major(*(*extension)["data"].tensor()) == expected);
}

TEST(Numpy, WhatItWritesIsRead) {
  const TemporaryDirectory folder;
  ASSERT_NO_FATAL_FAILURE(run_python("numpy_writes.py", folder));
  const std::vector<Line> lines = manifest_of(folder);
  EXPECT_GT(lines.size(), 700U);
  std::string open_file;
  core::Object object;
  for (const Line& line : lines) {
    if (line.file != open_file) object = read_object(folder / line.file);
    open_file = line.file;
    const core::Value value = line.key.empty() ? object.root() : (*object.root().table())[line.key];
    SCOPED_TRACE(line.file + ' ' + line.key + ' ' + line.dtype + " (" + line.shape + ")");
    ASSERT_NO_FATAL_FAILURE(expect_array(value, line, read_file(folder / line.bytes_file)));
  }
}

TEST(Numpy, ASmallFileThatBecomesLargeIsRefused) {
  const TemporaryDirectory folder;
  ASSERT_NO_FATAL_FAILURE(run_python("numpy_writes.py", folder));
  const std::string bomb = read_file(folder / "bomb.npz");
  EXPECT_LT(bomb.size(), 100'000U);
  core::CountingSink out;
  core::EventWriter sink(core::Format::binary, out);
  core::MemorySource zip(bytes_of(bomb));
  const core::Status status = proto::read_npz(zip, sink, 1 << 20);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, core::ErrorCode::limit_exceeded);
  EXPECT_EQ(status.error().path, "zeros");
  EXPECT_LE(out.size_bytes(), (std::uint64_t{1} << 20) + 1000);
}

/// Files for numpy to read, and what must come out of them.
class Written {
 public:
  explicit Written(const TemporaryDirectory& folder) : folder_(folder) {}

  /// An array whose storage is counted up, transposed where it has two dimensions.
  void add(Dtype dtype, std::string descr, const Shape& shape) {
    proto::NamedTensor leaf = {
        .name = "t" + std::to_string(leaves_.size()), .dtype = dtype, .shape = shape, .elements = {}};
    leaf.elements.type = proto::carrier_of(dtype);
    leaf.elements.sizes = shape.empty() ? Shape{1} : shape;
    leaf.elements.strides.assign(leaf.elements.sizes.size(), 1);
    for (std::size_t d = 1; d < shape.size(); ++d)
      leaf.elements.strides[d] = leaf.elements.strides[d - 1] * shape[d - 1];
    leaves_.push_back(leaf);
    descrs_.push_back(std::move(descr));
  }

  void write() {
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      folder_.write(leaves_[i].name + ".bytes", elements_of(leaves_[i]));
      folder_.write(leaves_[i].name + ".npy", npy_of(leaves_[i]));
      note(leaves_[i].name + ".npy", i);
    }
    write_npz();
    write_safetensors();
    folder_.write("manifest", manifest_);
  }

 private:
  static std::string elements_of(const proto::NamedTensor& leaf) {
    std::string storage(10'000, '\0');
    for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<char>(i * 7 % 120);
    if (leaf.dtype == Dtype::boolean) {
      for (char& byte : storage) byte &= 1;
    }
    core::MemorySource source(bytes_of(storage));
    core::StridedReader gather(source, leaf.elements, 100);
    std::string all;
    for (auto piece = gather.next(); !piece->empty(); piece = gather.next()) {
      all.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
    return all;
  }

  static std::string npy_of(const proto::NamedTensor& leaf) {
    return *proto::npy_header(leaf.dtype, leaf.shape) + elements_of(leaf);
  }

  void note(const std::string& file, std::size_t i) {
    manifest_ += file + '|' + leaves_[i].name + '|' + descrs_[i] + '|' + joined(leaves_[i].shape) + '|' +
                 leaves_[i].name + ".bytes\n";
  }

  void write_npz() {
    std::string file;
    core::StringSink out(file);
    proto::NpzWriter writer(out);
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      const std::string npy = npy_of(leaves_[i]);
      ASSERT_TRUE(writer.begin(leaves_[i].name, npy.size()));
      ASSERT_TRUE(writer.write(bytes_of(npy)));
      note("all.npz", i);
    }
    ASSERT_TRUE(writer.begin("ä ö", 128 + 5));
    ASSERT_TRUE(writer.write(bytes_of(*proto::npy_header(Dtype::u8, Shape{5}) + "hello")));
    folder_.write("hello", "hello");
    manifest_ += "all.npz|ä ö|/u1|5|hello\n";
    ASSERT_TRUE(writer.finish());
    folder_.write("all.npz", file);
  }

  void write_safetensors() {
    const std::pair<std::string, std::string> metadata[] = {{"format", "np"}};
    std::string file = *proto::safetensors_header(leaves_, metadata);
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      file += elements_of(leaves_[i]);
      note("all.safetensors", i);
    }
    folder_.write("all.safetensors", file);
  }

  const TemporaryDirectory& folder_;
  std::vector<proto::NamedTensor> leaves_;
  std::vector<std::string> descrs_;
  std::string manifest_;
};

TEST(Numpy, ReadsWhatIsWritten) {
  const TemporaryDirectory folder;
  Written written(folder);
  const std::pair<Dtype, const char*> dtypes[] = {{Dtype::boolean, "b1"}, {Dtype::u8, "u1"},  {Dtype::i8, "i1"},
                                                  {Dtype::i16, "i2"},     {Dtype::u16, "u2"}, {Dtype::f16, "f2"},
                                                  {Dtype::i32, "i4"},     {Dtype::u32, "u4"}, {Dtype::f32, "f4"},
                                                  {Dtype::f64, "f8"},     {Dtype::i64, "i8"}, {Dtype::u64, "u8"}};
  for (const auto& [dtype, name] : dtypes) {
    const std::string descr = (proto::size_bytes_of(dtype) == 1 ? "/" : "<") + std::string(name);
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{5}, Shape{0}, Shape{3, 0}, Shape{4, 5}, Shape{2, 3, 7}}) {
      written.add(dtype, descr, shape);
    }
  }
  ASSERT_NO_FATAL_FAILURE(written.write());
  run_python("numpy_reads.py", folder);
}

}  // namespace
}  // namespace sconce::tests
