# SPDX-License-Identifier: MIT
"""Other authors of weights files: .safetensors by NumPy and json from the format's definition,
.caffemodel by Google's protobuf from the part of Caffe's .proto that stands here."""

import json
import re
import struct

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "I16": "<i2",
          "I32": "<i4", "I64": "<i8"}


def write_safetensors(path, tensors, padding=0, **metadata):
    """tensors: name -> (dtype, array); BF16 is given as its bits, uint16."""
    header, data = ({"__metadata__": metadata} if metadata else {}), []
    end = 0
    for name, (dtype, values) in tensors.items():
        data.append(values.astype(DTYPES.get(dtype, "<u2")).tobytes())
        begin, end = end, end + len(data[-1])
        header[name] = {"dtype": dtype, "shape": values.shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode() + b" " * padding
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


# Of caffe.proto; PACKED stands where it has [packed = true].
CAFFE_PROTO = """
message BlobShape {
  repeated int64 dim = 1 PACKED;
}
message BlobProto {
  optional int32 num = 1;
  optional int32 channels = 2;
  optional int32 height = 3;
  optional int32 width = 4;
  repeated float data = 5 PACKED;
  repeated float diff = 6 PACKED;
  optional BlobShape shape = 7;
  repeated double double_data = 8 PACKED;
}
message LayerParameter {
  optional string name = 1;
  optional string type = 2;
  repeated string bottom = 3;
  repeated string top = 4;
  repeated BlobProto blobs = 7;
  optional int32 phase = 10;
}
message V1LayerParameter {
  repeated string bottom = 2;
  repeated string top = 3;
  optional string name = 4;
  optional int32 type = 5;
  repeated BlobProto blobs = 6;
  repeated float blobs_lr = 7;
}
message NetParameter {
  optional string name = 1;
  repeated V1LayerParameter layers = 2;
  repeated string input = 3;
  optional bool force_backward = 5;
  repeated LayerParameter layer = 100;
}
"""


def caffe_net(packed=True):
    """The class NetParameter, made from CAFFE_PROTO. Needs google.protobuf."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="caffe.proto", package="caffe", syntax="proto2")
    field_types = descriptor_pb2.FieldDescriptorProto
    for name, body in re.findall(r"message (\w+) {(.*?)}", CAFFE_PROTO, re.DOTALL):
        message = file.message_type.add(name=name)
        for label, kind, field, number, option in re.findall(
                r"(optional|repeated) (\w+) (\w+) = (\d+)( PACKED)?;", body):
            added = message.field.add(name=field, number=int(number),
                                      label=field_types.Label.Value("LABEL_" + label.upper()))
            if kind[0].isupper():
                added.type, added.type_name = field_types.TYPE_MESSAGE, ".caffe." + kind
            else:
                added.type = field_types.Type.Value("TYPE_" + kind.upper())
            if option:
                added.options.packed = packed
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("caffe.NetParameter")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def add_blob(layer, values, old_shape=False):
    """float32 into data, float64 into double_data."""
    blob = layer.blobs.add()
    if old_shape:
        extents = (1,) * (4 - values.ndim) + values.shape
        blob.num, blob.channels, blob.height, blob.width = extents
    else:
        blob.shape.dim.extend(values.shape)
    to = blob.data if values.dtype == np.float32 else blob.double_data
    to.extend(values.ravel().tolist())


class Checks:
    """Counts checks and prints those that failed."""

    def __init__(self):
        self.done = self.failed = 0

    def check(self, good, what):
        self.done += 1
        if not good:
            self.failed += 1
            print("FAILED:", what)

    def same_values(self, found, expected, what):
        """The same shape and the same numbers, NaN and the sign of zero among them."""
        good = (found.dtype == np.float64 and found.shape == expected.shape
                and np.array_equal(found, expected, equal_nan=True)
                and np.array_equal(np.signbit(found), np.signbit(expected)))
        self.check(good, what)

    def end(self):
        print(f"{self.done} checks, {self.failed} failed (NumPy {np.__version__})")
        return 1 if self.failed or not self.done else 0
