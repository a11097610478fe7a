/// \file
/// A value or a Failure. The SDK's core returns it; its throwing clients call value().
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "trunkline/error.hpp"

namespace trunkline::inline v1 {

/// Like std::expected<T, Failure>, which C++20 does not have. The same type in every language version, so
/// that programs in C++20 and C++23 can share a library.
template <class T>
class [[nodiscard]] Result {
 public:
  /// A value or a failure; not explicit, so that functions can return either.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  /// \copydoc Result(T)
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  /// Whether there is a value.
  bool has_value() const noexcept { return state_.index() == 0; }
  /// \copydoc has_value()
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the exception of the failure's kind if there is none.
  const T& value() const& { return checked(*this); }
  /// \copydoc value() const&
  T& value() & { return checked(*this); }
  /// \copydoc value() const&
  T value() && { return std::move(checked(*this)); }

  /// The value. Without one: std::bad_variant_access.
  const T& operator*() const& { return std::get<0>(state_); }
  /// \copydoc operator*() const&
  T& operator*() & { return std::get<0>(state_); }
  /// \copydoc operator*() const&
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  /// \copydoc operator*() const&
  const T* operator->() const { return &std::get<0>(state_); }
  /// \copydoc operator*() const&
  T* operator->() { return &std::get<0>(state_); }

  /// The failure. With a value: std::bad_variant_access.
  const Failure& error() const& { return std::get<1>(state_); }
  /// \copydoc error() const&
  Failure& error() & { return std::get<1>(state_); }
  /// \copydoc error() const&
  Failure&& error() && { return std::get<1>(std::move(state_)); }

  /// `next` of the value, which is a Result itself, or the same failure.
  template <class F>
  auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
    if (!has_value()) return std::get<1>(std::move(state_));
    return std::forward<F>(next)(std::get<0>(std::move(state_)));
  }

 private:
  template <class Self>
  static auto& checked(Self& self) {
    if (const Failure* failure = std::get_if<1>(&self.state_)) throw_failure(*failure);
    return *std::get_if<0>(&self.state_);
  }

  std::variant<T, Failure> state_;
};

}  // namespace trunkline::inline v1
