/* glibc lists functions here that only fail; its own file differs by target. */
