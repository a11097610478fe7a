// A layer over SQLite's own files (https://sqlite.org/vfs.html) for the connection that writes. SQLite
// appends each page of a commit to its write-ahead log by two calls, one for a header of 24 bytes and one for
// the page. Here they are gathered, and go to the system together before the flush that makes the commit
// durable.
#pragma once

namespace trunkline::db {

// The name of the layer, for sqlite3_open_v2; it is registered by the first call. Only for connections with
// synchronous=FULL: those tell others of the pages of a commit when the log has been flushed, not before.
const char* gathering_file_system();

}  // namespace trunkline::db
