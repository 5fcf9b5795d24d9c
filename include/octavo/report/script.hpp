// SPDX-License-Identifier: MIT
/// @file
/// The page's script: hints beside the pointer, tables sorted by a click. Everything is there
/// without it.
#pragma once

#include <string_view>

#include "octavo/version.hpp"

namespace octavo::inline v0::report {

inline constexpr std::string_view script = R"js(
"use strict";
(() => {
  // The browser's own hints come late and in one size: ours take their words.
  const hint = document.getElementById("hint");
  for (const title of document.querySelectorAll("svg title")) {
    const mark = title.parentNode;
    mark.hintText = title.textContent;
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  const markAt = (element) => {
    while (element && !element.hintText) element = element.parentNode;
    return element;
  };
  const show = (event) => {
    const mark = markAt(event.target);
    hint.hidden = !mark;
    if (!mark) return;
    hint.textContent = mark.hintText;
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const box = hint.getBoundingClientRect();
    const beside = event.clientX + 14 + box.width > width ? event.clientX - 14 - box.width
                                                          : event.clientX + 14;
    const below = event.clientY + 14 + box.height > height ? event.clientY - 14 - box.height
                                                           : event.clientY + 14;
    hint.style.left = Math.max(4, Math.min(beside, width - box.width - 4)) + "px";
    hint.style.top = Math.max(4, below) + "px";
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", () => { hint.hidden = true; }, { passive: true });
  document.documentElement.addEventListener("pointerleave", () => { hint.hidden = true; });

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (!("v" in cell.dataset)) return cell.textContent;
    return cell.dataset.v === "" ? -Infinity : Number(cell.dataset.v);  // not measured: least
  };
  const sortBy = (table, head) => {
    const column = head.cellIndex;
    const rows = [...table.tBodies[0].rows];
    const numbers = rows.length > 0 && "v" in rows[0].cells[column].dataset;
    const first = numbers ? "descending" : "ascending";
    const other = numbers ? "ascending" : "descending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    rows.sort((a, b) => {
      const x = keyOf(a, column);
      const y = keyOf(b, column);
      return sign * (x < y ? -1 : x > y ? 1 : 0);
    });
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      head.tabIndex = 0;
      head.addEventListener("click", () => sortBy(table, head));
      head.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          sortBy(table, head);
        }
      });
    }
  }
})();
)js";

}  // namespace octavo::inline v0::report
