// The one list of layers, and functions of nets.
#include "stdlib/layers/functions.hpp"

#include <algorithm>

#include "runtime/trained_net.hpp"
#include "stdlib/functions/common.hpp"
#include "stdlib/layers/layer_list.hpp"

namespace elbo::stdlib {

namespace {

// A record of the net's own weights ({dense_1: …}), or one in which all have its name first, as in a file of
// several nets.
Value with_weights(Interpreter&, const Arguments& a) {
  const auto net = runtime::as_net(a.values[0]);
  if (!net) wrong_type("net", "a net", a.values[0], a.spans[0]);
  const auto* record = a.values[1].as<RecordPtr>();
  if (record == nullptr) wrong_type("weights", "a record", a.values[1], a.spans[1]);
  const std::string prefix = net->name + ".";
  Record weights = runtime::flattened(**record);
  const bool is_named = std::any_of(weights.begin(), weights.end(),
                                    [&](const auto& weight) { return weight.first.starts_with(prefix); });
  for (auto& [name, value] : weights) {
    if (!is_numeric(value)) wrong_type("the weight `" + name + "`", "numbers", value, a.spans[1]);
    if (!is_named) name = prefix + name;
  }
  return Value(runtime::ObjectPtr(std::make_shared<runtime::TrainedNet>(
      net, net->name, runtime::TrainedNet::Names{{net->name, net}}, std::move(weights))));
}

}  // namespace

std::vector<Function> layer_functions() {
  return {dense_layer(),
          conv2d_layer(),
          conv_transpose2d_layer(),
          embedding_layer(),
          layer_norm_layer(),
          batch_norm_layer(),
          dropout_layer(),
          {.name = "with_weights",
           .signature = "with_weights(net, weights)",
           .help = "a net with the weights of a record, which can be called anywhere; `fit.net(f)` has those "
                   "of a fit "
                   "— e.g. with_weights(decoder, read_npz(\"weights.npz\"))(z)",
           .category = "nets",
           .call = with_weights}};
}

}  // namespace elbo::stdlib
