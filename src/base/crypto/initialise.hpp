// Starts the cryptography library. Called once at the beginning of every process, before threads.
#pragma once

namespace trunkline::crypto {

// Lets libsodium choose its fastest code for this processor; throws std::runtime_error when it cannot start.
// Doing it again does nothing.
//
// The random generator stays the kernel's: libsodium's own is slower for the sizes we draw (8 bytes: 0.40 µs
// against 0.26 µs), and it ends the process when it is used after a fork.
void initialise();

}  // namespace trunkline::crypto
