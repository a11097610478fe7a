// Recordings from a provider's link to where they are kept, over real connections on loopback
// (contracts/warehouse.md, section 8).
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/scratch_directory.hpp"
#include "base/text.hpp"
#include "net/loopback_server_testing.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/sync/engine.hpp"
#include "warehouse/sync/recordings.hpp"
#include "warehouse/sync/scripted_provider_testing.hpp"

namespace trunkline::warehouse::sync {
namespace {

using net::testing::LoopbackServer;
using net::testing::Peer;

const db::Statement files_shown{
    "test.recording_files",
    "SELECT status || ' ' || coalesce(file_size_bytes::text || '', '-') || ' ' || coalesce(local_path, "
    "coalesce(s3_bucket || '/' || s3_key, '-')) || ' ' || coalesce(metadata::text, '-') || ' ' || "
    "attempts::text FROM telco.recordings"};

const db::Statement forget_file{"test.forget_file",
                                "UPDATE telco.recordings SET status = 'linked', s3_key = NULL"};

const std::string sound = [] {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  return bytes;
}();
const std::string sound_checksum = hex_encode(crypto::sha256(sound));
constexpr std::string_view key = "telnyx/default/2026/04/30/rec-1.mp3";

std::string header_in(std::string_view request, std::string_view name) {
  for (const std::string_view line : split(request.substr(0, request.find("\r\n\r\n")), '\n')) {
    const auto parts = split_once(line, ':');
    if (parts && equal_ignoring_case(parts->first, name)) return std::string(trim(parts->second));
  }
  return "";
}

// A store of objects as S3 has them: what is put is there afterwards, with the headers it came with.
struct ObjectStore {
  void serve(Peer& peer) {
    while (const auto request = peer.read_request()) {
      const std::string_view target = split(*request, ' ')[1];
      const std::string signature = header_in(*request, "authorization");
      if (!signature.starts_with("AWS4-HMAC-SHA256 Credential=key-id/") ||
          signature.find("/eu-north-1/s3/aws4_request") == std::string::npos) {
        peer.answer(403, "not signed");
        continue;
      }
      if (request->starts_with("PUT")) {
        const std::string body = request->substr(request->find("\r\n\r\n") + 4);
        const bool is_whole = header_in(*request, "x-amz-content-sha256") == hex_encode(crypto::sha256(body));
        if (is_whole) objects[std::string(target)] = {body, header_in(*request, "x-amz-meta-sha256")};
        ++puts;
        peer.answer(is_whole ? 200 : 400, "");
      } else if (const auto found = objects.find(std::string(target)); found != objects.end()) {
        peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nx-amz-meta-sha256: {}\r\n\r\n",
                              found->second.first.size(), found->second.second));
      } else {
        peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      }
    }
  }
  std::map<std::string, std::pair<std::string, std::string>> objects;  // to body and checksum
  std::atomic<int> puts = 0;
};

struct Place {
  std::string stored() const {
    std::ifstream file(directory / key, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  ScratchDirectory scratch;
  std::filesystem::path directory = scratch.path() + "/recordings";  // which the store makes
};

// One recording of telnyx with this link, stored by these options; what the table says then.
struct Scene {
  Scene(db::Database& opened, std::string link) : database(opened) {
    provider.recordings_on_page.push_back({.external_recording_id = "rec-1",
                                           .recording_url = link,
                                           .format = "mp3",
                                           .created_at = parse_instant("2026-04-30T10:00:00Z"),
                                           .raw_data = json::Object()});
    provider.recording = [link = std::move(link)](const WantedRecording&) -> Result<RecordingRow> {
      return RecordingRow{.external_recording_id = "rec-1", .recording_url = link};
    };
    Engine engine(store, clock);
    REQUIRE(engine.run(provider, SyncType::calls, {}));
  }
  Result<std::int64_t> fetch(const RecordingStoreOptions& options, net::Client& http) {
    RecordingStore recordings(options, store, clock, pool, http);
    return recordings.fetch_missing(provider, nullptr);
  }
  std::string shown() { return store::all_of(database, files_shown); }

  db::Database& database;
  store::Store store{database, TimeZone::utc()};
  ManualClock clock{*parse_instant("2026-05-01T00:00:00Z")};
  runtime::ThreadPool pool{"files", 1, 8};
  ScriptedProvider provider{"telnyx"};
};

std::string says_stored(std::string_view place) {
  return fmt::format(R"(stored {} {} {{"sha256": "{}"}})", sound.size(), place, sound_checksum);
}
std::string without_space(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST_SUITE("warehouse recording files [db]") {
  TEST_CASE("A recording is kept in the directory with its length and checksum, and asked for once") {
    LoopbackServer server([](Peer& peer) {
      while (peer.read_request()) peer.answer(200, sound);
    });
    store::with_warehouse([&](db::Database& database) {
      const Place place;
      net::testing::TestClient http;
      Scene scene(database, server.url("/rec-1.mp3?signature=secret"));
      const RecordingStoreOptions options{.kind = RecordingStoreKind::local, .directory = place.directory};
      CHECK(scene.fetch(options, http.client) == 1);
      CHECK(place.stored() == sound);
      CHECK(without_space(scene.shown()) ==
            without_space(says_stored((place.directory / key).string()) + " 0"));
      CHECK(scene.fetch(options, http.client) == 0);
      CHECK(std::filesystem::is_empty(place.directory / ".incoming"));
    });
  }

  TEST_CASE("A transfer that breaks off goes on where it was; another version begins anew") {
    for (const bool is_same_version : {true, false}) {
      std::vector<std::string> ranges;
      LoopbackServer server([&](Peer& peer) {
        const auto request = peer.read_request();
        if (!request) return;
        ranges.push_back(header_in(*request, "range") + " " + header_in(*request, "if-range"));
        if (ranges.size() == 1) {
          peer.send(fmt::format("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: {}\r\n\r\n{}",
                                sound.size(), std::string_view(sound).substr(0, 60'000)));
          peer.sleep(milliseconds(50));
          peer.close();
        } else if (is_same_version) {
          peer.send(fmt::format(
              "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 60000-{}/{}\r\n"
              "Content-Length: {}\r\n\r\n{}",
              sound.size() - 1, sound.size(), sound.size() - 60'000, std::string_view(sound).substr(60'000)));
        } else {
          peer.answer(200, sound, "ETag: \"v2\"\r\n");
        }
      });
      store::with_warehouse([&](db::Database& database) {
        const Place place;
        net::testing::TestClient http;
        Scene scene(database, server.url("/rec-1.mp3"));
        const RecordingStoreOptions options{.kind = RecordingStoreKind::local, .directory = place.directory};
        CHECK(scene.fetch(options, http.client).error().code() == error_codes::recording_incomplete);
        CHECK_FALSE(std::filesystem::exists(place.directory / key));
        CHECK(scene.shown() == "linked - - - 1");
        CHECK(scene.fetch(options, http.client) == 1);
        CHECK(place.stored() == sound);
        CHECK(ranges.back() == "bytes=60000- \"v1\"");
        CHECK(without_space(scene.shown()) ==
              without_space(says_stored((place.directory / key).string()) + " 1"));
        ranges.clear();
      });
    }
  }

  TEST_CASE("A file that is there with other content is never replaced") {
    LoopbackServer server([](Peer& peer) {
      while (peer.read_request()) peer.answer(200, sound);
    });
    store::with_warehouse([&](db::Database& database) {
      const Place place;
      std::filesystem::create_directories((place.directory / key).parent_path());
      std::ofstream(place.directory / key) << "older";
      net::testing::TestClient http;
      Scene scene(database, server.url("/rec-1.mp3"));
      const auto fetched =
          scene.fetch({.kind = RecordingStoreKind::local, .directory = place.directory}, http.client);
      CHECK(fetched.error().code() == error_codes::recording_differs);
      CHECK(place.stored() == "older");
    });
  }

  TEST_CASE("A recording is put into an S3-compatible store, signed, and not twice") {
    LoopbackServer server([](Peer& peer) {
      while (peer.read_request()) peer.answer(200, sound);
    });
    ObjectStore objects;
    LoopbackServer store_server([&](Peer& peer) { objects.serve(peer); });
    const std::string target = fmt::format("/tapes/{}", key);
    store::with_warehouse([&](db::Database& database) {
      objects.objects.clear();
      objects.puts = 0;
      const Place place;
      net::testing::TestClient http;
      Scene scene(database, server.url("/rec-1.mp3"));
      const RecordingStoreOptions options{.kind = RecordingStoreKind::s3,
                                          .directory = place.directory,
                                          .endpoint = store_server.url(""),
                                          .bucket = "tapes",
                                          .region = "eu-north-1",
                                          .access_key_id = "key-id",
                                          .secret_access_key = Secret("very secret")};
      CHECK(scene.fetch(options, http.client) == 1);
      CHECK(objects.objects[target] == std::pair(sound, sound_checksum));
      CHECK(without_space(scene.shown()) == without_space(says_stored(fmt::format("tapes/{}", key)) + " 0"));
      CHECK(std::filesystem::is_empty(place.directory / ".incoming"));
      // The row lost, as after a crash between the upload and its note: the object that is there is taken.
      Scene again(database, server.url("/rec-1.mp3"));
      REQUIRE(database.execute(db::Scope::operations(), forget_file, {}));
      CHECK(again.fetch(options, http.client) == 1);
      CHECK(objects.puts == 1);
      // Another content under the same name is left alone.
      objects.objects[target] = {"older", hex_encode(crypto::sha256("older"))};
      REQUIRE(database.execute(db::Scope::operations(), forget_file, {}));
      CHECK(again.fetch(options, http.client).error().code() == error_codes::recording_differs);
      CHECK(objects.objects[target].first == "older");
    });
  }

  // Where a provider's answer may lead: nowhere inside, not by name, address, redirect or another port; but
  // to the provider itself wherever the operator said that it is.
  TEST_CASE("A recording's link that leads inside is not followed (rule C5)") {
    LoopbackServer inside([](Peer& peer) {
      while (peer.read_request()) peer.answer(200, sound);
    });
    store::with_warehouse([&](db::Database& database) {
      const Place place;
      net::testing::FakeResolver resolver(
          [](const std::string&) { return std::vector{*net::IpAddress::parse("10.0.0.7")}; });
      net::UrlGuard guard({}, resolver);
      net::Client http(*runtime::EventLoop::current(), guard);
      const RecordingStoreOptions options{.kind = RecordingStoreKind::local, .directory = place.directory};
      const std::vector<std::string> links{inside.url("/rec-1.mp3"),
                                           fmt::format("https://127.0.0.1:{}/rec-1.mp3", inside.port()),
                                           "https://169.254.169.254/latest/meta-data",
                                           "https://[::ffff:127.0.0.1]/rec-1.mp3",
                                           "https://2130706433/rec-1.mp3",
                                           "https://internal.example.com/rec-1.mp3",
                                           "file:///etc/passwd"};
      for (const std::string& link : links) {
        CAPTURE(link);
        Scene scene(database, link);
        const auto fetched = scene.fetch(options, http);
        REQUIRE_FALSE(fetched);
        const std::string_view code = fetched.error().code().name;
        CHECK((code == net::invalid_url.name || code == net::url_not_allowed.name ||
               code == net::address_not_allowed.name));
        CHECK_FALSE(std::filesystem::exists(place.directory / key));
      }
      CHECK(inside.connections() == 0);
      Scene scene(database, links.front());
      scene.provider.editable_account().base_url = inside.url("/v2");
      CHECK(scene.fetch(options, http) == 1);
    });
  }

  TEST_CASE("A link that redirects is not followed") {
    LoopbackServer inside(net::testing::echo);
    LoopbackServer server([&](Peer& peer) {
      while (peer.read_request())
        peer.answer(302, "", fmt::format("Location: {}\r\n", inside.url("/secret")));
    });
    store::with_warehouse([&](db::Database& database) {
      const Place place;
      net::testing::TestClient http;
      Scene scene(database, server.url("/rec-1.mp3"));
      const auto fetched =
          scene.fetch({.kind = RecordingStoreKind::local, .directory = place.directory}, http.client);
      REQUIRE_FALSE(fetched);
      CHECK(fetched.error().message().find("302") != std::string::npos);
      CHECK(inside.connections() == 0);
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
