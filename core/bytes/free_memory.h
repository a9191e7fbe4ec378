#pragma once

namespace sconce::core {

/// Empties a container and gives its memory back. `clear()`, `= {}` and the assignment of an empty string all keep the
/// capacity. Threads: as the container. Errors: none.
template <class Container>
void free_memory(Container& container) {
  Container empty;
  container.swap(empty);
}

}  // namespace sconce::core
