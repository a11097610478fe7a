// The agent's voice on the line for one turn. Sentences are spoken as they come, one held back so that the
// last one can say that it is the last. Every command has a number; the one that ends the turn has the same
// number when the turn is spoken again after a crash, however its sentences are cut then: the carrier ignores
// the end that it has heard, and never misses one that it has not.
#pragma once

#include "carriers/carrier.hpp"

namespace trunkline::calls {

class Speaker {
 public:
  // `entry` is the place that the turn has, or will have, in the conversation.
  Speaker(carriers::Carrier& carrier, carriers::Leg leg, std::int64_t entry, std::string language,
          std::string voice)
      : carrier_(carrier),
        leg_(std::move(leg)),
        next_number_(entry * numbers_per_entry),
        closing_number_((entry + 1) * numbers_per_entry - 1),
        language_(std::move(language)),
        voice_(std::move(voice)) {}

  // A sentence of the turn. Suspends.
  void say(std::string_view sentence);
  // Ends the turn: speaks what is held back. `last`: now it is the other side's turn. Suspends.
  Result<void> finish(bool last, bool then_hang_up);
  // Ends the turn with keys.
  Result<void> press(std::string_view digits);

  // Everything said so far, fillers included.
  const std::string& spoken() const { return spoken_; }

 private:
  static constexpr std::int64_t numbers_per_entry = 1024;
  Result<void> utter(std::string text, bool last, bool then_hang_up);

  carriers::Carrier& carrier_;
  carriers::Leg leg_;
  std::int64_t next_number_;
  std::int64_t closing_number_;
  std::string language_;
  std::string voice_;
  std::string held_;
  std::string spoken_;
  std::optional<Error> problem_;
};

}  // namespace trunkline::calls
