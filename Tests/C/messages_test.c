#include "harness.h"
#include "onnx.pb-c.h"

/// A model of one node and one tensor, as bytes.
static size_t packed(random_source *random, uint8_t **bytes) {
  Onnx__TensorProto tensor = ONNX__TENSOR_PROTO__INIT;
  int64_t dims[3];
  float values[4];
  uint8_t raw[9];
  tensor.n_dims = (size_t)below(random, 4);
  tensor.dims = dims;
  for (int k = 0; k < 3; k++) dims[k] = (int64_t)next_random(random);
  tensor.n_float_data = (size_t)below(random, 5);
  tensor.float_data = values;
  for (int k = 0; k < 4; k++) values[k] = (float)number(random);
  for (int k = 0; k < 9; k++) raw[k] = (uint8_t)next_random(random);
  tensor.has_raw_data = below(random, 2);
  tensor.raw_data = (ProtobufCBinaryData){(size_t)below(random, 10), raw};
  tensor.name = "w";
  Onnx__AttributeProto attribute = ONNX__ATTRIBUTE_PROTO__INIT, *attributes[] = {&attribute};
  attribute.name = "value";
  attribute.t = &tensor;
  Onnx__NodeProto node = ONNX__NODE_PROTO__INIT, *nodes[] = {&node, &node};
  char *names[] = {"x", "y", "z"};
  node.n_input = (size_t)below(random, 4);
  node.input = names;
  node.op_type = "Add";
  node.n_attribute = 1;
  node.attribute = attributes;
  Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
  Onnx__TensorProto *tensors[] = {&tensor};
  graph.n_node = (size_t)below(random, 3);
  graph.node = nodes;
  graph.n_initializer = 1;
  graph.initializer = tensors;
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
  model.has_ir_version = 1;
  model.ir_version = below(random, 12);
  model.graph = &graph;
  size_t size = onnx__model_proto__get_packed_size(&model);
  *bytes = MAKE(uint8_t, (int64_t)size);
  CHECK(onnx__model_proto__pack(&model, *bytes) == size);
  return size;
}

/// Unpacks what was packed, and what a stranger made of it.
void test_messages(random_source *random) {
  uint8_t *bytes;
  size_t size = packed(random, &bytes);
  for (int damage = 0; damage < 8; damage++) {
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, size, bytes);
    CHECK(model != NULL || damage > 0);
    if (model != NULL) {
      size_t again = onnx__model_proto__get_packed_size(model);
      CHECK(damage > 0 || again == size);
      uint8_t *copy = MAKE(uint8_t, (int64_t)again);
      CHECK(onnx__model_proto__pack(model, copy) == again);
      CHECK(damage > 0 || memcmp(copy, bytes, size) == 0);
      free(copy);
      onnx__model_proto__free_unpacked(model, NULL);
    }
    bytes[below(random, (int32_t)size)] ^= (uint8_t)(1 << below(random, 8));
  }
  free(bytes);
}
