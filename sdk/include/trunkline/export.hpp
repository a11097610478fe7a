/// \file
/// What the shared libraries show to programs. Everything else in them is hidden.
///
/// All of the SDK lives in the inline namespace `trunkline::v1`. Its number is the libraries' SOVERSION: it
/// changes when compiled programs would no longer fit, so that two generations can stand in one process.
#pragma once

#define TRUNKLINE_EXPORT __attribute__((visibility("default")))
