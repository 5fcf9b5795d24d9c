// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/graph_layout.hpp: rows, ports, lanes, and cuts where few tensors cross.

#include "octavo/report/graph_layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "octavo/graph/builder.hpp"
#include "octavo/graph/fuse.hpp"
#include "octavo/networks/resnet.hpp"

using namespace octavo::report;
using octavo::concat_text;
using octavo::graph;
using octavo::node;
using octavo::tensor_id;

namespace {

using builder = octavo::graph_builder<std::vector<node>>;

/// data -> a -> b -> add(a, b)
graph residual() {
  builder b;
  const tensor_id data = b.input("data", {1, 4, 4, 4});
  const tensor_id a = b.relu("a", data);
  const tensor_id second = b.relu("b", a);
  return b.finish(b.add("sum", a, second));
}

graph chain(int length) {
  builder b;
  tensor_id x = b.input("data", {1, 4, 4, 4});
  for (int i = 1; i < length; ++i) x = b.relu(std::string_view(concat_text("relu", i)), x);
  return b.finish(x);
}

/// Every node stands in one place, every edge goes down between rows of its column, and no two arcs
/// of a lane pass at the same height.
void check_columns(const graph& net, const std::vector<graph_column>& columns) {
  std::vector<int> seen(net.size());
  std::size_t edges = 0;
  for (const graph_column& column : columns) {
    for (const graph_row& row : column.rows) {
      if (!row.port) ++seen[static_cast<std::size_t>(row.node)];
    }
    for (const graph_edge& edge : column.edges) {
      REQUIRE((0 <= edge.from && edge.from < edge.to));
      REQUIRE(edge.to < static_cast<int>(column.rows.size()));
      CHECK((edge.lane >= 0) == (edge.to - edge.from > 1));
      CHECK(edge.lane < std::max(1, column.lanes));
      for (const graph_edge& other : column.edges) {
        if (&other == &edge || edge.lane < 0 || other.lane != edge.lane) continue;
        CHECK((other.to <= edge.from || edge.to <= other.from));
      }
    }
    edges += column.edges.size();
  }
  CHECK(seen == std::vector<int>(net.size(), 1));
  std::size_t expected = 0;
  for (const node& each : net) expected += each.src.size();
  CHECK(edges == expected);
}

}  // namespace

TEST_CASE("layout: nothing, and one node") {
  CHECK(lay_out({}).empty());
  const graph one = chain(1);
  const std::vector<graph_column> columns = lay_out(one);
  REQUIRE(columns.size() == 1);
  CHECK(columns[0].rows == std::vector<graph_row>{{0, false}});
  CHECK(columns[0].edges.empty());
}

TEST_CASE("layout: what skips a row takes a lane") {
  const std::vector<graph_column> columns = lay_out(residual());
  REQUIRE(columns.size() == 1);
  const std::vector<graph_edge> expected = {{0, 1, -1}, {1, 2, -1}, {1, 3, 0}, {2, 3, -1}};
  CHECK(columns[0].edges == expected);
  CHECK(columns[0].lanes == 1);
}

TEST_CASE("layout: an op that reads a tensor twice has one edge for it") {
  builder b;
  const tensor_id data = b.input("data", {1, 4, 4, 4});
  const graph twice = b.finish(b.add("twice", data, data));
  CHECK(lay_out(twice)[0].edges == std::vector<graph_edge>{{0, 1, -1}});
}

TEST_CASE("layout: a column begins with ports for what it reads of earlier ones") {
  const std::vector<graph_column> columns = lay_out(chain(7), 4);
  REQUIRE(columns.size() == 2);
  CHECK(columns[0].rows.size() == 3);
  CHECK(columns[1].rows[0] == graph_row{2, true});
  CHECK(columns[1].rows[1] == graph_row{3, false});
  CHECK(columns[1].edges[0] == graph_edge{0, 1, -1});
  check_columns(chain(7), columns);
}

TEST_CASE("layout: columns are cut between blocks, not inside one") {
  for (const graph& net : {octavo::to_graph(octavo::networks::resnet50()),
                           octavo::fuse(octavo::to_graph(octavo::networks::resnet50())),
                           octavo::networks::resnet({.depth = 152})}) {
    const std::vector<graph_column> columns = lay_out(net);
    check_columns(net, columns);
    CHECK(columns.size() >= net.size() / 18);
    for (const graph_column& column : columns) {
      CHECK(column.rows.size() <= 21);
      const auto ports = std::count_if(column.rows.begin(), column.rows.end(),
                                       [](const graph_row& row) { return row.port; });
      CHECK(ports <= 1);
    }
  }
}

TEST_CASE("layout: a network in which everything reads everything still fits") {
  builder b;
  std::vector<tensor_id> all = {b.input("data", {1, 4, 4, 4})};
  for (int i = 0; i < 30; ++i) {
    const tensor_id older = all[all.size() > 6 ? all.size() - 6 : 0];
    all.push_back(b.add(std::string_view(concat_text("add", i)), all.back(), older));
  }
  const graph net = b.finish(all.back());
  std::vector<graph_column> columns = lay_out(net);
  CHECK(columns.size() > 1);
  std::vector<int> seen(net.size());
  for (const graph_column& column : columns) {
    for (const graph_row& row : column.rows) seen[static_cast<std::size_t>(row.node)] += !row.port;
  }
  CHECK(seen == std::vector<int>(net.size(), 1));
}
