// SPDX-License-Identifier: MIT
/// @file
/// Tests of report/page.hpp: what a page has of everything, what it says where something is
/// missing, and that nothing in it comes from elsewhere.

#include "octavo/report/page.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "page_case.hpp"

using namespace octavo::testing;
using octavo::report::make_page;
using octavo::report::report_data;

TEST_CASE("page: the same data give the same bytes, as UTF-8 and from no other place") {
  const std::string page = make_page(full_data());
  CHECK(page == make_page(full_data()));
  CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.find("default-src &#39;none&#39;") != std::string::npos);
  for (const char* outside : {"http:", "https:", "//www", "@import", "url(", "<link", "src=\"/"}) {
    CAPTURE(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
}

TEST_CASE("page: every element that is opened is closed") {
  const std::string page = make_page(full_data());
  for (const std::string tag : {"section", "svg", "g", "table", "tr", "td", "th", "div", "details",
                                "figure", "p", "title", "span", "text", "ol", "li", "dl"}) {
    CAPTURE(tag);
    const std::size_t opened = count_of(page, octavo::concat_text("<", tag, ">")) +
                               count_of(page, octavo::concat_text("<", tag, " "));
    CHECK(opened == count_of(page, octavo::concat_text("</", tag, ">")));
    CHECK(opened > 0);
  }
}

TEST_CASE("page: a mark for each layer and each tensor") {
  const report_data data = full_data();
  const std::string page = make_page(data);
  REQUIRE(data.network.size() == 6);
  REQUIRE(data.fused.size() == 4);
  const std::string network = section_of(page, "network");
  CHECK(count_of(network, "<g class=\"node ") == 4 + 6);  // as executed, as written
  CHECK(count_of(network, "<rect class=\"spent\"") == 4);
  CHECK(count_of(network, "class=\"edge arc\"") == 1);  // relu1 to sum, as written
  const std::string time = section_of(page, "time");
  CHECK(count_of(time, "class=\"mark layer ") == 4);
  CHECK(count_of(time, "<tr class=\"layer-row\">") == 4);
  CHECK(count_of(time, "class=\"mark time ") == 4);
  CHECK(count_of(time, "class=\"ideal ") == 3);  // the input has no multiply-adds
  const std::string agreement = section_of(page, "agreement");
  CHECK(count_of(agreement, "class=\"mark dot sqnr") == 6);
  CHECK(count_of(agreement, "class=\"mark dot sqnr low\"") == 0);
  CHECK(count_of(agreement, "class=\"mark dot cosine") == 6);
  CHECK(count_of(agreement, "class=\"mark dot cosine low\"") == 1);
  CHECK(count_of(agreement, "class=\"limit\"") == 1);
  CHECK(count_of(agreement, "class=\"mark high\"") == 6);
  CHECK(count_of(agreement, "class=\"mark low\"") == 6);
  const std::string ranges = section_of(page, "ranges");
  CHECK(count_of(ranges, "<div class=\"card\">") == 2);
  CHECK(count_of(ranges, "class=\"histogram\"") == 3);
  CHECK(count_of(ranges, "<line class=\"threshold\"") == 2);
  const std::string memory = section_of(page, "memory");
  CHECK(count_of(memory, "class=\"mark tensor ") == 4);
  CHECK(count_of(memory, "<g class=\"mark row ") == 6);
}

TEST_CASE("page: numbers stand where they belong") {
  const std::string page = make_page(full_data());
  CHECK(page.find("<b>1.00 ms</b><span>median of 3 runs</span>") != std::string::npos);
  CHECK(page.find("<dt>scheme</dt><dd>rshift16</dd>") != std::string::npos);
  const std::string sees = section_of(page, "sees");
  CHECK(sees.find("<rect class=\"int8\" width=\"75%\" height=\"100%\"/>") != std::string::npos);
  CHECK(sees.find("<rect class=\"float\" width=\"12.5%\" height=\"100%\"/>") != std::string::npos);
  CHECK(sees.find("75.00 %") != std::string::npos);
  CHECK(sees.find("src=\"data:image/png;base64,") != std::string::npos);
  // conv1: 4 x 4 x 4 outputs of 27 products in 10 us: 1728 * 1e5 a second, 17 % of 1e9.
  const std::string time = section_of(page, "time");
  CHECK(time.find("10.0 \u00B5s, 25 % of the time\n173 MMAC/s, 17 % of the peak") !=
        std::string::npos);
  CHECK(time.find("kernel conv2d u8 14x32, avx2\nlayout c16 4x4\ntensor 256 B, weights 1.02 kB") !=
        std::string::npos);
  CHECK(time.find("Kernels are those of avx2.") != std::string::npos);
  const std::string memory = section_of(page, "memory");
  CHECK(memory.find("0x00000000 to 0x000000c0, 192 B") != std::string::npos);  // data_quant
}

TEST_CASE("page: names and labels are never markup") {
  const std::string evil = "</title><script>\"&'";
  const std::string harmless = "&lt;/title&gt;&lt;script&gt;&quot;&amp;&#39;";
  report_data data = full_data();
  data.title = data.subtitle = evil;
  data.figures = {{evil, evil}};
  data.facts = {{evil, evil}};
  data.classes = {{evil, 0.5, 0.5}};
  for (octavo::node& each : data.network.nodes) each.name = std::string_view(evil);
  for (octavo::node& each : data.fused.nodes) each.name = std::string_view(evil);
  for (auto& layer : data.layers) layer.kernel = layer.isa = layer.layout = evil;
  for (auto& tensor : data.tensors) tensor.verdict = evil;
  const std::string page = make_page(data);
  CHECK(count_of(page, "<script>") == 1);  // our own
  CHECK(page.find(evil) == std::string::npos);
  CHECK(count_of(page, harmless) > 50);
}

TEST_CASE("page: nothing given") {
  const std::string page = make_page({});
  for (const char* id : {"sees", "network", "time", "agreement", "ranges", "memory"}) {
    CAPTURE(id);
    CHECK(count_of(section_of(page, id), "class=\"absent\"") == 1);
  }
  CHECK(count_of(page, "<svg") == 0);
  CHECK(count_of(page, "<img") == 0);
}

TEST_CASE("page: one node, no layers") {
  octavo::graph_builder<std::vector<octavo::node>> b;
  const octavo::graph one = b.finish(b.input("data", {1, 1, 1, 1}));
  const std::string page = make_page({.network = one, .fused = one});
  CHECK(count_of(page, "<g class=\"node ") == 1);
  CHECK(count_of(page, "As it is written") == 0);  // nothing is fused: one drawing does
  CHECK(count_of(section_of(page, "memory"), "class=\"mark tensor ") == 1);
  CHECK(count_of(section_of(page, "time"), "class=\"absent\"") == 1);
}

TEST_CASE("page: layers without times, times without a peak") {
  report_data data = full_data();
  for (auto& layer : data.layers) layer.seconds = 0;
  std::string time = section_of(make_page(data), "time");
  CHECK(count_of(time, "class=\"absent\"") == 1);
  CHECK(count_of(time, "<tr class=\"layer-row\">") == 4);
  CHECK(count_of(time, "class=\"mark layer ") == 0);
  CHECK(count_of(time, "nan") == 0);
  CHECK(count_of(time, "inf") == 0);
  data.layers[1].seconds = 1e-5;  // one alone
  CHECK(count_of(section_of(make_page(data), "time"), "class=\"mark layer ") == 4);
  data = full_data();
  data.peak = 0;
  time = section_of(make_page(data), "time");
  CHECK(count_of(time, ">GMAC/s<") == 1);
  CHECK(count_of(time, "class=\"limit\"") == 0);
  CHECK(count_of(time, "class=\"ideal ") == 0);
}

TEST_CASE("page: measures that nobody took") {
  report_data data = full_data();
  for (auto& tensor : data.tensors) tensor = {};
  std::string agreement = section_of(make_page(data), "agreement");
  CHECK(count_of(agreement, "<svg") == 0);
  CHECK(count_of(agreement, "<tr>") == 7);  // the titles and 6 tensors
  data.tensors[0].sqnr_db = -std::numeric_limits<double>::infinity();
  data.tensors[1].sqnr_db = std::numeric_limits<double>::infinity();
  agreement = section_of(make_page(data), "agreement");
  CHECK(count_of(agreement, "class=\"mark dot sqnr\"") == 2);
  CHECK(count_of(agreement, "data-v=\"-Infinity\">-\u221E<") == 1);
  CHECK(count_of(agreement, "class=\"limit\"") == 0);
}

TEST_CASE("page: few histograms are shown, more are folded") {
  report_data data = full_data();
  octavo::graph_builder<std::vector<octavo::node>> b;
  octavo::tensor_id x = b.input("data", {1, 4, 4, 4});
  for (int i = 0; i < 19; ++i) x = b.relu(std::string_view(octavo::concat_text("relu", i)), x);
  report_data many{.network = b.finish(x)};
  many.ranges.assign(20, *data.ranges[4]);
  for (std::size_t i = 0; i < 20; ++i) many.ranges[i]->beyond = static_cast<double>(i) / 100;
  const std::string ranges = section_of(make_page(many), "ranges");
  CHECK(count_of(ranges, "<div class=\"card\">") == 20);
  CHECK(count_of(ranges.substr(0, ranges.find("<details>")), "<div class=\"card\">") == 12);
  CHECK(ranges.find("<h4>relu18</h4>") < ranges.find("<h4>relu17</h4>"));  // the worst first
  CHECK(ranges.find("The other 8") != std::string::npos);
}

TEST_CASE("page: data that contradict each other are refused") {
  const auto refused = [](const char* sentence, const auto& change) {
    report_data data = full_data();
    change(data);
    CHECK_THROWS_WITH_AS(make_page(data), doctest::Contains(sentence), octavo::error);
  };
  refused("3 layers, expected none or one for each of 4 nodes",
          [](report_data& data) { data.layers.pop_back(); });
  refused("5 tensors, expected", [](report_data& data) { data.tensors.pop_back(); });
  refused("5 ranges, expected", [](report_data& data) { data.ranges.pop_back(); });
  refused("unfused graph: node 1 reads node 1",
          [](report_data& data) { data.network.nodes[1].src[0] = 1; });
  refused("fused graph: node 2 reads node -1",
          [](report_data& data) { data.fused.nodes[2].src[0] = -1; });
  refused("node 0 has no valid shape", [](report_data& data) { data.fused.nodes[0].shape.c = 0; });
  refused("node 1 reads nothing", [](report_data& data) { data.fused.nodes[1].src = {}; });
  refused("output 9", [](report_data& data) { data.network.outputs[0] = 9; });
  refused("a peak of -1", [](report_data& data) { data.peak = -1; });
  refused("layer 2: seconds", [](report_data& data) { data.layers[2].seconds = -1; });
  refused("layer 0: seconds", [](report_data& data) {
    data.layers[0].seconds = std::numeric_limits<double>::quiet_NaN();
  });
  refused("histograms of tensor 1",
          [](report_data& data) { data.ranges[1]->activations.counts[0] = -1; });
  refused("histograms of tensor 1",
          [](report_data& data) { data.ranges[1]->weights_after.hi = -1; });
  refused("0 x 0 pixels", [](report_data& data) { data.image = octavo::report::picture{}; });
}
