# What a developer runs. `make test` and `make demo` install what they need on Debian.

R       = R
RSCRIPT = Rscript
CC      = gcc
LIB     = .lib
BUILD   = .build
FILTER  =
DEPS    = yes
JOBS   := $(shell nproc 2>/dev/null || echo 2)

# R's tests of strings in UTF-8 need such a locale.
LANG ?= C.UTF-8
export LANG DEPS

help:
	@echo "make demo       run the demos on real libraries (expat, SQLite, OpenSSL, a mapped file, SDL)"
	@echo "make test       run the tests; FILTER=call runs test-call.R only"
	@echo "make install    install into $(LIB)"
	@echo "make check      R CMD check --as-cran"
	@echo "make layers     check the layers of src/ and R/, and the page of conditions"
	@echo "make strict     compile with all warnings as errors, gcc and clang"
	@echo "make core       the layers that need no R, as $(BUILD)/core/librdc.a"
	@echo "make sanitize   run dev/core on these layers with address and undefined-behaviour sanitizers"
	@echo "make asan       run tests of memory with the package and 10,000 random sequences under sanitizers"
	@echo "make tsan       run the threads of dev/core under the thread sanitizer (part of sanitize)"
	@echo "make bench      run dev/bench, write dev/bench/RESULTS.md; BENCH=--quick for a look"
	@echo "make count      check how many instructions bound calls take"
	@echo "make ports      make all ports again by their recipes and verify them; PORTS=\"SDL GL\" some"
	@echo "make clean      remove what was made"

# --- the package, in a library of its own -----------------------------------------------------

# The folder demo is left out of SOURCES, being the name of a target; its files are in.
# Objects and src/Makevars of an installation by hand stay out of the copy that is compiled here.
PARTS   := $(wildcard DESCRIPTION NAMESPACE LICENSE NEWS.md configure cleanup configure.win \
             cleanup.win R src inst demo man)
SOURCES := $(filter-out demo,$(shell find $(PARTS) ! -name '*.o' ! -name '*.so' ! -path src/Makevars))
TAR      = tar cf - --exclude='*.o' --exclude='*.so' --exclude=src/Makevars
ENV      = R_LIBS="$(CURDIR)/$(LIB)" MAKEFLAGS= MAKELEVEL=
STAMP    = $(LIB)/.stamp

install: deps-build
	@$(MAKE) -s --no-print-directory $(STAMP)

# Objects are kept when only R code, data or help changed: R knows no dependencies on headers.
$(STAMP): $(SOURCES)
	@mkdir -p $(LIB) $(BUILD)/pkg/src && touch $(BUILD)/started
	@test -f $(STAMP) && test -z "`find src configure -newer $(STAMP)`" || rm -f $(BUILD)/pkg/src/*
	@find $(BUILD)/pkg -type f ! -name '*.o' ! -name '*.so' -exec rm -f {} +
	@$(TAR) $(PARTS) | tar xf - -C $(BUILD)/pkg
	@rm -rf $(LIB)/00LOCK* $(STAMP)
	@echo "installing rdyncall into $(LIB)"
	@MAKEFLAGS=-j$(JOBS) MAKELEVEL= $(R) CMD INSTALL --library=$(LIB) $(BUILD)/pkg \
	  >$(BUILD)/install.log 2>&1 </dev/null || { cat $(BUILD)/install.log; exit 1; }
	@mv $(BUILD)/started $(STAMP)

test: deps-test
	@$(MAKE) -s --no-print-directory $(STAMP)
	@$(ENV) sh tools/with-display.sh $(RSCRIPT) tools/run-tests.R "$(FILTER)"

demo: deps-demo
	@$(MAKE) -s --no-print-directory $(STAMP)
	@$(ENV) sh tools/with-display.sh $(RSCRIPT) tools/run-demo.R

bench: deps-bench
	@$(MAKE) -s --no-print-directory $(STAMP)
	@$(ENV) $(RSCRIPT) dev/bench/run.R $(BENCH)

# Instructions of bound calls against dev/bench/limits.txt.
count: deps-count
	@$(MAKE) -s --no-print-directory $(STAMP)
	@$(ENV) $(RSCRIPT) dev/bench/count.R --check

# Ports against the compilers; --write in PORTS puts what the recipes make into inst/dynports.
PORTS =
ports: deps-ports
	@$(MAKE) -s --no-print-directory $(STAMP)
	@$(ENV) sh dev/ports/check $(PORTS)

check: deps-check
	@rm -rf $(BUILD)/check && mkdir -p $(BUILD)/check
	@cd $(BUILD)/check && $(ENV) $(R) CMD build ../..
	@cd $(BUILD)/check && $(ENV) \
	  _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 \
	  sh ../../tools/with-display.sh $(R) CMD check --as-cran \
	  `command -v pdflatex >/dev/null || echo --no-manual` rdyncall_*.tar.gz
	@! grep '^Status:.*\(ERROR\|WARNING\)' $(BUILD)/check/rdyncall.Rcheck/00check.log

# --- checks of the source ---------------------------------------------------------------------

layers: deps-build
	@$(RSCRIPT) tools/check-layers.R
	@$(RSCRIPT) tools/check-conditions.R

STRICT = -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror

# R's own headers are made system headers, where warnings do not count.
strict: deps-strict
	@set -e; found=no; for cc in gcc clang; do \
	  command -v $$cc >/dev/null || continue; \
	  found=yes; dir=$(CURDIR)/$(BUILD)/strict-$$cc; \
	  rm -rf $$dir && mkdir -p $$dir && $(TAR) DESCRIPTION configure src | tar xf - -C $$dir; \
	  printf '%s\n' "CC = $$cc" "CFLAGS = -std=gnu99 -O2 $(STRICT)" \
	    "CPPFLAGS = -isystem `$(R) CMD config --cppflags | sed 's/^-I//; s/ .*//'`" >$$dir/personal.mk; \
	  (cd $$dir && ./configure >/dev/null && cd src && \
	   R_MAKEVARS_USER=$$dir/personal.mk MAKEFLAGS="-s -j$(JOBS)" MAKELEVEL= \
	   $(R) CMD SHLIB -o rdyncall.so *.c >../log 2>&1) || { cat $$dir/log; exit 1; }; \
	  echo "strict: $$cc compiles src/ without a warning"; \
	done; test $$found = yes

# --- the layers that need no R ----------------------------------------------------------------

CORE_SRC := $(wildcard $(addprefix src/,status.c arena.c block.c strmap.c encoding.c os_unix.c os_errno.c type.c layout.c sig.c \
              port.c port_head.c port_literal.c plan.c rows.c abi.c))
CORE_DEV := $(wildcard dev/core/*.c)
HEADERS  := $(wildcard src/*.h dev/core/*.h)

FFI_CFLAGS := $(shell pkg-config --cflags libffi 2>/dev/null) $(shell $(CC) -E -x c -include ffi.h \
                /dev/null 2>/dev/null | grep -q ffi_call_plan_alloc && echo -DHAVE_FFI_CALL_PLAN)
FFI_LIBS   := $(shell pkg-config --libs libffi 2>/dev/null || echo -lffi) -ldl -lpthread -lm

CORE_FLAGS     = -std=gnu99 -g -O2 -Wall -Wextra -Isrc
SANITIZE       = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANITIZE_FLAGS = -Wno-psabi -std=gnu99 -g -O1 -Wall -Wextra -Isrc -Idev/core $(SANITIZE)

core: deps-core
	@$(MAKE) -s --no-print-directory -j$(JOBS) $(BUILD)/core/librdc.a

$(BUILD)/core/librdc.a: $(CORE_SRC:src/%.c=$(BUILD)/core/%.o)
	@rm -f $@
	@ar rcs $@ $^
	@echo "made $@"

$(BUILD)/core/%.o: src/%.c $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) $(FFI_CFLAGS) -c $< -o $@

sanitize: deps-core
	@$(MAKE) -s --no-print-directory -j$(JOBS) $(BUILD)/sanitize/check
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 $(BUILD)/sanitize/check
	@$(MAKE) -s --no-print-directory tsan

$(BUILD)/sanitize/check: $(CORE_SRC:src/%.c=$(BUILD)/sanitize/%.o) \
                         $(CORE_DEV:dev/core/%.c=$(BUILD)/sanitize/dev_%.o)
	@$(CC) $(SANITIZE) -o $@ $^ $(FFI_LIBS)

$(BUILD)/sanitize/dev_%.o: dev/core/%.c $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(SANITIZE_FLAGS) $(FFI_CFLAGS) -c $< -o $@

$(BUILD)/sanitize/%.o: src/%.c $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(SANITIZE_FLAGS) $(FFI_CFLAGS) -c $< -o $@

# Tests in an R that has the address sanitizer; the random sequences of helper-model.R run 10,000 times.
# Not all tests can: the blocks that test-nomemory.R counts are others then.
ASAN_FILTER = model|view|owner|survive|callback-(name|life|jump)
ASAN_MODEL  = 10000

asan: deps-test
	@rm -rf $(BUILD)/asan && mkdir -p $(BUILD)/asan/pkg $(BUILD)/asan/lib
	@$(TAR) $(PARTS) | tar xf - -C $(BUILD)/asan/pkg
	@printf '%s\n' "CC = $(CC)" "CFLAGS = -g -O1 -w $(SANITIZE)" >$(BUILD)/asan/personal.mk
	@R_MAKEVARS_USER=$(CURDIR)/$(BUILD)/asan/personal.mk MAKEFLAGS=-j$(JOBS) MAKELEVEL= \
	  $(R) CMD INSTALL --no-test-load --no-byte-compile --library=$(BUILD)/asan/lib $(BUILD)/asan/pkg \
	  >$(BUILD)/asan/log 2>&1 </dev/null || { cat $(BUILD)/asan/log; exit 1; }
	@R_LIBS="$(CURDIR)/$(BUILD)/asan/lib" MAKEFLAGS= MAKELEVEL= RDYNCALL_MODEL=$(ASAN_MODEL) \
	  LD_PRELOAD="`$(CC) -print-file-name=libasan.so` `$(CC) -print-file-name=libubsan.so`" \
	  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=1 \
	  UBSAN_OPTIONS=halt_on_error=1 \
	  $(RSCRIPT) tools/run-tests.R "$(ASAN_FILTER)"

# Races between threads. setarch, where there is one, keeps addresses where the sanitizer wants them.
TSAN       = -fsanitize=thread -fno-omit-frame-pointer
TSAN_FLAGS = -Wno-psabi -std=gnu99 -g -O1 -Wall -Wextra -Isrc -Idev/core $(TSAN)

tsan: deps-core
	@mkdir -p $(BUILD)/tsan && echo 'int main(void) { return 0; }' >$(BUILD)/tsan/try.c
	@if $(CC) $(TSAN) $(BUILD)/tsan/try.c -o $(BUILD)/tsan/try 2>/dev/null; then \
	  $(MAKE) -s --no-print-directory -j$(JOBS) $(BUILD)/tsan/check && \
	  TSAN_OPTIONS=halt_on_error=1 `setarch -R true 2>/dev/null && echo setarch -R` \
	    $(BUILD)/tsan/check threads rows; \
	else echo "tsan: $(CC) has no thread sanitizer"; fi

$(BUILD)/tsan/check: $(CORE_SRC:src/%.c=$(BUILD)/tsan/%.o) $(CORE_DEV:dev/core/%.c=$(BUILD)/tsan/dev_%.o)
	@$(CC) $(TSAN) -o $@ $^ $(FFI_LIBS)

$(BUILD)/tsan/dev_%.o: dev/core/%.c $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(TSAN_FLAGS) $(FFI_CFLAGS) -c $< -o $@

$(BUILD)/tsan/%.o: src/%.c $(HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(TSAN_FLAGS) $(FFI_CFLAGS) -c $< -o $@

# ----------------------------------------------------------------------------------------------

deps-build deps-bench deps-count deps-test deps-demo deps-check deps-strict deps-core deps-ports:
	@sh tools/deps.sh $(@:deps-%=%)

clean:
	@rm -rf $(LIB) $(BUILD)
	@sh ./cleanup

.PHONY: help install test demo bench count ports check layers strict core sanitize asan tsan clean \
  deps-build deps-bench deps-count deps-test deps-demo deps-check deps-strict deps-core deps-ports
