// SPDX-License-Identifier: MIT
/// @file
/// The page's style sheet. Colours of ops are those of Okabe and Ito ("Color Universal Design",
/// 2008), which people with every kind of colour vision can tell apart; lighter ones in the dark.
#pragma once

#include <string_view>

#include "octavo/version.hpp"

namespace octavo::inline v0::report {

inline constexpr std::string_view style_sheet = R"css(
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #1a2027; --dim: #5a6570; --rule: #dde2e8;
  --blue: #0072b2; --sky: #56b4e9; --green: #009e73; --orange: #e69f00; --red: #d55e00;
  --pink: #cc79a7; --grey: #8a939c; --yellow: #b8a900;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161b; --card: #1b2128; --ink: #e6eaee; --dim: #9aa5b1; --rule: #323b45;
    --blue: #4c9fd6; --sky: #8fd0f5; --green: #2fbf96; --orange: #f0b63a; --red: #f0824a;
    --pink: #e0a0c5; --grey: #8a939c; --yellow: #e8db4a;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
    sans-serif;
}
main { max-width: 1200px; margin: 0 auto; padding: 28px 24px 60px; }
.brand {
  margin: 0; color: var(--blue); font-size: 13px; font-weight: 600; letter-spacing: .12em;
  text-transform: uppercase;
}
h1 { margin: 2px 0 0; font-size: 30px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 21px; }
h3 { margin: 26px 0 4px; font-size: 15px; }
h4 { margin: 0 0 4px; font-size: 12px; overflow-wrap: anywhere; }
.subtitle { margin: 4px 0 0; color: var(--dim); }
.lead { margin: 2px 0 12px; color: var(--dim); max-width: 78ch; }
.absent { margin: 12px 0 0; color: var(--dim); font-style: italic; }
.dim { color: var(--dim); }

.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 22px 0 0;
}
.figure {
  background: var(--card); border: 1px solid var(--rule); border-radius: 8px;
  padding: 12px 14px 10px;
}
.figure b { display: block; font-size: 23px; line-height: 1.2; font-weight: 650; }
.figure span { color: var(--dim); font-size: 13px; }
.facts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(310px, 1fr)); gap: 2px 28px;
  margin: 18px 0 0; font-size: 14px;
}
.facts div { display: flex; gap: 10px; }
.facts dt { flex: 0 0 104px; color: var(--dim); }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 22px 0 0; }
a { color: var(--blue); text-decoration: none; }
a:hover { text-decoration: underline; }
section {
  margin: 18px 0 0; padding: 20px 22px 24px; background: var(--card);
  border: 1px solid var(--rule); border-radius: 10px; scroll-margin-top: 12px;
}

.sees { display: flex; flex-wrap: wrap; gap: 20px 28px; align-items: flex-start; }
.picture { max-width: 100%; height: auto; border-radius: 6px; image-rendering: auto; }
.classes { flex: 1 1 320px; min-width: 0; margin: 0; padding: 0; list-style: none; }
.classes li { margin: 0 0 10px; }
.classes p { margin: 0; font-weight: 550; overflow-wrap: anywhere; }
.probability { display: flex; align-items: center; gap: 8px; height: 17px; font-size: 12px; }
.probability .who { flex: 0 0 34px; color: var(--dim); }
.probability .number { flex: 0 0 62px; text-align: right; font-variant-numeric: tabular-nums; }
svg.bar { display: block; width: 100%; height: 12px; border-radius: 2px; }
.probability svg { flex: 1 1 0; min-width: 0; height: 10px; }
.room { fill: var(--rule); opacity: .6; }
.int8 { fill: var(--blue); }
.float { fill: var(--orange); }

.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 8px 0; font-size: 12px;
  color: var(--dim); }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.key { width: 11px; height: 11px; border-radius: 2px; background: var(--c); }
.key.threshold, .key.after { height: 3px; }
.op-input { --c: var(--grey); }
.op-conv2d { --c: var(--blue); }
.op-point { --c: var(--sky); }
.op-grouped { --c: var(--yellow); }
.op-dense { --c: var(--red); }
.op-pool { --c: var(--green); }
.op-join { --c: var(--orange); }
.op-map { --c: var(--pink); }

.columns { display: flex; flex-wrap: wrap; gap: 20px 14px; margin-top: 14px; }
.column { flex: none; display: block; overflow: visible; max-width: 100%; }
.column text { font-size: 11px; fill: var(--ink); }
.column text.dim { font-size: 10px; fill: var(--dim); }
.column .end { text-anchor: end; }
.box { fill: var(--paper); stroke: var(--rule); }
.stripe, .spent { fill: var(--c); }
.node:hover .box { stroke: var(--c); stroke-width: 2; }
.port .box { fill: none; stroke-dasharray: 3 3; stroke: var(--grey); }
.port .stripe { display: none; }
.port text { fill: var(--dim); }
.edge { fill: none; stroke: var(--grey); stroke-width: 1.3; }
.edge.arc { stroke: var(--dim); }

.plot {
  display: block; width: calc(100% - 52px); margin: 42px 4px 4px 48px; overflow: visible;
}
.plot.map { width: calc(100% - 88px); margin: 10px 4px 10px 84px; }
.plot text { font-size: 11px; fill: var(--dim); }
.plot .stage { font-size: 10px; }
.plot .y, .plot .end { text-anchor: end; }
.plot .x { text-anchor: middle; }
.plot .tick { font-variant-numeric: tabular-nums; }
.plot .note { fill: var(--red); }
.grid { stroke: var(--rule); }
.base { stroke: var(--grey); }
.guide { stroke: var(--grey); stroke-dasharray: 1 3; pointer-events: none; }
.stage { pointer-events: none; }
.limit { stroke: var(--red); stroke-width: 1.4; stroke-dasharray: 6 4; }
.mark { fill: var(--c); stroke: var(--card); stroke-width: .6; }
.mark:hover { stroke: var(--ink); stroke-width: 1.6; }
.curve { fill: none; stroke-width: 1.2; opacity: .55; vector-effect: non-scaling-stroke; }
.curve.sqnr { stroke: var(--blue); }
.curve.cosine { stroke: var(--green); }
.dot { stroke-width: 1; }
.dot.sqnr { fill: var(--blue); }
.dot.cosine { fill: var(--green); }
.dot.low { fill: var(--card); stroke: var(--red); stroke-width: 2; }
.high { fill: var(--red); }
rect.low { fill: var(--blue); }
.tensor { opacity: .82; stroke-width: 1; }

table { width: 100%; border-collapse: collapse; font-size: 12px; }
th, td { padding: 2px 8px; text-align: left; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th { color: var(--dim); font-weight: 600; vertical-align: bottom; }
.sortable th { cursor: pointer; }
th[aria-sort]::after { content: " \2191"; }
th[aria-sort=descending]::after { content: " \2193"; }
tbody tr:hover { background: var(--paper); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.name { overflow-wrap: anywhere; }
td.bar { width: 34%; min-width: 170px; }
.time { opacity: .38; stroke: none; }
.ideal { fill: var(--c); pointer-events: none; }

.scroll { overflow-x: auto; margin-top: 8px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 12px;
  margin-top: 10px; }
.card { padding: 10px 12px 6px; border: 1px solid var(--rule); border-radius: 6px; min-width: 0; }
.card p { margin: 2px 0 0; font-size: 11px; }
.pair { display: flex; gap: 12px; }
.pair figure { flex: 1 1 0; min-width: 0; margin: 0; }
figcaption { font-size: 11px; color: var(--dim); }
.histogram { display: block; width: 100%; overflow: visible; border-bottom: 1px solid var(--grey); }
.card .ends { display: flex; justify-content: space-between; margin: 0; font-size: 10px;
  color: var(--dim); }
.activations { --c: var(--sky); fill: var(--sky); }
.before { --c: var(--orange); fill: var(--orange); opacity: .55; }
.after { --c: var(--blue); fill: none; stroke: var(--blue); stroke-width: 1.2;
  vector-effect: non-scaling-stroke; }
.threshold { --c: var(--red); stroke: var(--red); stroke-width: 1.6; }

details { margin-top: 16px; }
summary { cursor: pointer; color: var(--blue); font-size: 14px; }
#hint {
  position: fixed; z-index: 1; max-width: min(340px, 90vw); padding: 7px 10px;
  border-radius: 6px; background: var(--ink); color: var(--card); font-size: 12px;
  line-height: 1.45; white-space: pre-line; overflow-wrap: anywhere; pointer-events: none;
}
#hint[hidden] { display: none; }

@media (max-width: 1080px) {
  .wider { display: none; }
  td.bar { width: 20%; min-width: 60px; }
}
@media (max-width: 720px) {
  main { padding: 18px 10px 40px; }
  section { padding: 16px 12px 18px; }
  h1 { font-size: 24px; }
  .wide, .wider { display: none; }
  .dot { r: 2.6px; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; }
  .figure b { font-size: 19px; }
  .facts { grid-template-columns: 1fr; }
  .columns { justify-content: center; }
  th, td { padding: 2px 4px; }
  td.name { white-space: normal; }
  td.bar { width: 28%; min-width: 60px; }
}
)css";

}  // namespace octavo::inline v0::report
