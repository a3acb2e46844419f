#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/file.h"
#include "report/page_style.h"

namespace braid::report {

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  return out;
}

HtmlCell text_cell(std::string_view text) { return {escape(text), kAbsent}; }

HtmlCell number_cell(std::string_view text, double value) { return {escape(text), value}; }

std::string html_table(const HtmlTable& table) {
  std::string out = fmt::format("<div class=\"scroll\"><table{}>",
                                table.is_sortable ? " class=\"sortable\"" : "");
  if (!table.caption.empty()) out += "<caption>" + escape(table.caption) + "</caption>";
  out += "<thead><tr>";
  for (const HtmlColumn& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.is_number ? " class=\"num\"" : "",
                       escape(column.title));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    out += r < table.strong.size() && table.strong[r] ? "<tr class=\"strong\">" : "<tr>";
    for (size_t c = 0; c < table.rows[r].size(); ++c) {
      const HtmlCell& cell = table.rows[r][c];
      const bool is_number = c < table.columns.size() && table.columns[c].is_number;
      out += is_number ? "<td class=\"num\"" : "<td";
      if (std::isfinite(cell.sort)) out += fmt::format(" data-sort=\"{:.12g}\"", cell.sort);
      out += ">" + cell.html + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string figure(const std::string& svg, const std::string& caption) {
  if (svg.empty()) return "";
  const std::string foot = caption.empty() ? "" : "<figcaption>" + caption + "</figcaption>";
  return "<figure><div class=\"scroll\">" + svg + "</div>" + foot + "</figure>\n";
}

std::string section(std::string_view id, std::string_view heading, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", escape(id),
                     escape(heading), body);
}

std::string share_bar(double share) {
  if (!std::isfinite(share)) return "n/a";
  return fmt::format(
      "<span class=\"keep\"><span class=\"bar\" aria-hidden=\"true\"><span "
      "style=\"width:{:.1f}%\"></span></span> {}</span>",
      std::clamp(share, 0.0, 1.0) * 100, escape(percent(share)));
}

std::string html_page(std::string_view title, const std::string& body) {
  // The nonce follows from the whole body, so text that got into the body unescaped could not name
  // it beforehand.
  const std::string nonce = fmt::format("{:016x}", hash_bytes(body, hash_bytes(title)));
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "img-src data:; style-src 'unsafe-inline'; script-src 'nonce-{}'\">\n",
      nonce);
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += "<title>" + escape(title) + "</title>\n<style>\n" + kPageStyle +
         "</style>\n</head>\n<body>\n";
  out += "<main>\n" + body + "</main>\n";
  out += fmt::format("<script nonce=\"{}\">\n{}</script>\n</body>\n</html>\n", nonce, kPageScript);
  return out;
}

}  // namespace braid::report
