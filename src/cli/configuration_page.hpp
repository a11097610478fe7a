// docs/configuration.md, made from the table of settings, so that the page cannot say anything else than the
// program does.
#pragma once

#include <string>

namespace trunkline::cli {

// The whole page, Markdown.
std::string configuration_page();

}  // namespace trunkline::cli
