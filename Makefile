# Two commands do everything on a fresh Debian or Ubuntu with git, make and Go: `make demo` and `make test`.
# Only `setup` installs anything; the others run without rights, but for `laptop`, which boots a machine.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
CLI     := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
# no_metadata: Fyne would else read a FyneApp.toml that lies beside the program. no_emoji: leaves out a font of 4 MB that
# Fyne reads anew for each style of text; an emoji in a name comes from the system's fonts. accessibility: hands what a page says to
# VoiceOver and to Windows; Fyne has nothing for Linux.
ifneq ($(shell go env GOOS),linux)
READ_ALOUD := ,accessibility
endif
WINDOW  := CGO_ENABLED=1 go build -trimpath -ldflags '$(LDFLAGS)'
WINDOWS := GOOS=windows GOARCH=amd64
WINDOW_EXE := $(WINDOWS) CC=x86_64-w64-mingw32-gcc CGO_ENABLED=1 go build -trimpath -ldflags '$(LDFLAGS) -H windowsgui'
BIN  := bin
DIST := dist
export PATH := $(HOME)/.cache/enrollment-assistant/bin:$(PATH)

# The proofs, each a package, what follows TestProve_ in the name of its test, and the tag that it is built with, if any:
# those mostly wait, so that four run at a time.
PROOFS := ./steps:Requirements ./platform:Privilege ./cmd/assistant:Profiles ./platform:Publisher ./steps:Shelf ./cmd/assistant:Plan \
	./cmd/assistant:Canary:matrix ./steps:Canary ./steps:Redaction ./cmd/assistant:Laptop:laptop \
	./cmd/assistant:Halfway:crash ./cmd/assistant:Crash:crash
# What make laptop runs: all, or by another pattern some of it.
LAPTOP := Laptop

.PHONY: help setup build package mac windows qa demo artifacts test race lint cross e2e laptop wine wine-console prove crash bench bench-stub kill-stub matrix notices pictures fuzz clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## install what building and testing need (the only target that installs)
	@.ci/setup window stub test lint e2e laptop bench

build: ## bin/assistant, bin/assistant-cli, bin/server-stub
	@.ci/setup window
	$(CLI) -tags nogui -o $(BIN)/assistant-cli ./cmd/assistant
	$(WINDOW) -tags no_metadata,no_emoji -o $(BIN)/assistant ./cmd/assistant
	$(CLI) -o $(BIN)/server-stub ./server-stub

package: build ## dist/enrollment-assistant_VERSION_ARCH.deb and .rpm
	go run assets/gen_package.go -programs $(BIN) -out $(DIST) -version $(VERSION)

mac: ## dist/Enrollment Assistant.app for both kinds of Mac; on a Mac alone (IDENTITY='Developer ID Application: …' signs it)
	@set -e; for arch in arm64 amd64; do \
		CGO_ENABLED=1 GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -tags nogui -o bin/mac/$$arch/assistant-cli ./cmd/assistant; \
		CGO_ENABLED=1 GOARCH=$$arch go build -trimpath -ldflags '$(LDFLAGS)' -tags no_metadata,no_emoji,accessibility -o bin/mac/$$arch/assistant ./cmd/assistant; \
	done
	assets/macos/bundle.sh '$(VERSION)' bin/mac $(DIST) $(if $(IDENTITY),'$(IDENTITY)')

# Windows takes numbers alone: what git adds after a tag is left out, and a commit without a tag is 0.
NUMBER = $(or $(shell printf '%s' '$(VERSION:v%=%)' | sed -n 's/^\([0-9]*\.[0-9.]*\).*/\1/p'),0.0.0)

windows: ## dist/windows/assistant.exe, the window, and assistant-cli.exe, with icon, version and manifest; on Linux by mingw-w64
	@.ci/setup windows
	@trap 'rm -f cmd/assistant/rsrc_windows_amd64.syso' EXIT; set -e; \
	go-winres make --in assets/windows/winres.json --arch amd64 --file-version '$(NUMBER)' --product-version '$(NUMBER)' --out cmd/assistant/rsrc; \
	$(WINDOWS) $(CLI) -tags nogui -o $(DIST)/windows/assistant-cli.exe ./cmd/assistant; \
	$(WINDOW_EXE) -tags no_metadata,no_emoji,accessibility -o $(DIST)/windows/assistant.exe ./cmd/assistant

qa: ## the same with what only a test may do, in bin/qa
	@.ci/setup window
	$(CLI) -tags nogui,qa -o bin/qa/assistant-cli ./cmd/assistant
	$(WINDOW) -tags qa,no_metadata,no_emoji$(READ_ALOUD) -o bin/qa/assistant ./cmd/assistant
	$(CLI) -o bin/server-stub ./server-stub

demo: ## one enrollment to play with, in a temporary folder
	@.ci/setup window stub
	@$(MAKE) --no-print-directory qa
	@exec bin/server-stub demo --assistant bin/qa/assistant --assistant-cli bin/qa/assistant-cli

artifacts: ## the stub's agent for Linux and Windows, signed, and poisoned ones, in dist/stub
	@.ci/setup artifacts
	$(CLI) -o $(BIN)/server-stub ./server-stub
	$(WINDOWS) $(CLI) -o $(BIN)/windows/server-stub.exe ./server-stub
	$(BIN)/server-stub artifacts --data $(DIST)/stub --windows-agent $(BIN)/windows/server-stub.exe

test: ## the Go tests
	@.ci/setup window stub test
	go test ./...

race: ## the Go tests with the race detector
	@.ci/setup window stub test
	go test -race ./...

lint: ## vet, staticcheck and the rest; actionlint; shellcheck
	@.ci/setup window lint
	golangci-lint run ./...
	golangci-lint run --build-tags nogui ./cmd/...
	golangci-lint run --build-tags qa,e2e,laptop,bench,matrix,crash,pc ./cmd/... ./platform/... ./server-stub/
	actionlint
	shellcheck .ci/run .ci/setup .github/mac-enrollment.sh assets/macos/bundle.sh

cross: ## vet for Windows and macOS, type-check macOS' cgo files
	GOOS=windows CGO_ENABLED=0 go vet -tags nogui ./assets/... ./platform/... ./steps/... ./cmd/... ./server-stub/...
	GOOS=darwin CGO_ENABLED=0 go vet -tags nogui ./assets/... ./platform/... ./steps/... ./cmd/... ./server-stub/...
	go test -count=1 -run 'TestDarwinCgoFiles_TypeCheck' ./cmd/assistant

e2e: ## a real window under Xvfb, by keyboard alone
	@.ci/setup window stub e2e
	@$(MAKE) --no-print-directory qa
	@ln -sf ../server-stub bin/qa/server-stub
	E2E_BIN='$(CURDIR)/bin/qa' go test -tags e2e -run E2E -count=1 -v ./cmd/assistant

laptop: ## a booted Debian, an ordinary user, real polkit and systemd (needs root)
	@.ci/setup window stub laptop
	go test -tags laptop -run '$(LAPTOP)' -count=1 -parallel 4 -timeout 40m -v ./cmd/assistant

wine-console: ## enrollments by the Windows programs under Wine, without a window
	@.ci/setup wine
	$(WINDOWS) $(CLI) -tags nogui -o $(BIN)/windows/assistant-cli.exe ./cmd/assistant
	$(WINDOWS) $(CLI) -tags nogui,qa -o $(BIN)/windows/qa/assistant-cli.exe ./cmd/assistant
	$(WINDOWS) $(CLI) -o $(BIN)/windows/server-stub.exe ./server-stub
	$(WINDOWS) CGO_ENABLED=0 go test -c -tags qa,pc -o $(BIN)/windows/platform.test.exe ./platform
	PC_BIN='$(CURDIR)/$(BIN)/windows' go test -tags pc,nogui -run '^TestPC_' -count=1 -timeout 40m -v ./cmd/assistant

wine: wine-console windows ## the same, then one in the window under Xvfb, by keyboard alone; its pictures are in bin/windows/pictures
	@.ci/setup e2e
	$(WINDOW_EXE) -tags qa,no_metadata,no_emoji,accessibility -o $(BIN)/windows/qa/assistant.exe ./cmd/assistant
	PC_BIN='$(CURDIR)/$(BIN)/windows' PC_RELEASE='$(CURDIR)/$(DIST)/windows' PC_VERSION='$(NUMBER)' E2E_SHOTS='$(CURDIR)/$(BIN)/windows/pictures' \
		go test -tags pc,nogui -run '^TestPCWindow_' -count=1 -timeout 20m -v ./cmd/assistant

prove: ## what an install rests on, by cases; ends with a line each, which counts only what ran (PROVE_TENTH=0…9: a tenth of the canaries)
	@.ci/setup window stub test laptop
	@mkdir -p bin && rm -f bin/proofs.new
	@set -e; for part in $(PROOFS); do \
		name=$${part#*:}; tag=; case $$name in *:*) tag=$${name#*:} name=$${name%:*} ;; esac; \
		echo "== $$part"; began=$$(date +%s); \
		PROVE_TENTH='$(PROVE_TENTH)' go test -count=1 -v $${tag:+-tags $$tag -parallel 4 -timeout 30m} -run "^TestProve_$$name$$" "$${part%%:*}" >bin/prove.log 2>&1 || { cat bin/prove.log; exit 1; }; \
		grep '^proof ' bin/prove.log >>bin/proofs.new; echo "$$(($$(date +%s) - began)) s"; \
	done
	@awk -F'[ =]' '!($$2 in tried) { names[++n] = $$2 } { tried[$$2] += $$4; held[$$2] += $$6 } \
		END { for (i = 1; i <= n; i++) print "proof " names[i] " tried=" tried[names[i]] " held=" held[names[i]] }' bin/proofs.new >bin/proofs
	@rm bin/proofs.new; cat bin/proofs

bench: ## how fast and how light, against a hello-world, curl and itself; ends with a line each
	@.ci/setup window stub bench
	@$(MAKE) --no-print-directory build qa
	$(WINDOW) -tags no_metadata -o bin/bench/hello ./cmd/assistant/testdata/hello
	go test -c -tags bench -o bin/bench/measure ./cmd/assistant
	cd cmd/assistant && BENCH_BIN='$(CURDIR)/bin' BENCH_OUT='$(CURDIR)/bin/bench/ratios' \
		'$(CURDIR)/bin/bench/measure' -test.run '^TestBench$$' -test.timeout 30m -test.v
	@cat bin/bench/ratios

bench-stub: ## requests a second of the stub's API at 100,000 devices, against a bare handler; ends with a line each
	@.ci/setup stub
	@mkdir -p $(BIN)
	@go test -tags bench -count=1 -run '^TestBench$$' -timeout 20m -v ./server-stub >$(BIN)/bench-stub.txt || { cat $(BIN)/bench-stub.txt; exit 1; }
	@grep -E ' (enrollments|memory|others|.* devices were)' $(BIN)/bench-stub.txt | sed 's/^ *[a-z_]*.go:[0-9]*: //'
	@grep -E '^ratio ' $(BIN)/bench-stub.txt

kill-stub: ## kill -9 the stub server 50 times while it writes, look what it lost
	@.ci/setup stub
	@mkdir -p $(BIN)
	@STUB_KILLS=50 go test -count=1 -run '^TestKill$$' -timeout 20m -v ./server-stub >$(BIN)/kill-stub.txt || { cat $(BIN)/kill-stub.txt; exit 1; }
	@grep -o 'kills=.*' $(BIN)/kill-stub.txt

matrix: ## every fault at every step, and what a person is told of it; ends with a line (MATRIX_TENTH=0…9: a tenth)
	@.ci/setup stub
	@mkdir -p $(BIN) && rm -f $(BIN)/matrix.txt
	MATRIX_OUT='$(CURDIR)/$(BIN)/matrix.txt' MATRIX_TENTH='$(MATRIX_TENTH)' \
		PROVE_TENTH='$(PROVE_TENTH)' go test -tags nogui,matrix -run '^TestMatrix$$' -count=1 -timeout 25m ./cmd/assistant >$(BIN)/matrix.log; \
		status=$$?; cat $(BIN)/matrix.txt || cat $(BIN)/matrix.log; exit $$status

crash: ## kill -9 everybody at every moment of an enrollment, start again, look what there is (CRASH_TENTH=0…9: a tenth)
	@.ci/setup stub crash
	@mkdir -p $(BIN)
	@CRASH_TENTH='$(CRASH_TENTH)' go test -count=1 -v -timeout 25m -tags nogui,crash -run '^TestProve_(Crash|Halfway)$$' ./cmd/assistant >$(BIN)/crash.log; \
		status=$$?; sed -n 's/^ *crash_[a-z]*test.go:[0-9]*: //p; /^proof /p' $(BIN)/crash.log; [ $$status = 0 ] || cat $(BIN)/crash.log; exit $$status

fuzz: ## one minute on the connect key parser
	go test -run xxx -fuzz FuzzParseConnectKey -fuzztime 60s ./steps

notices: ## write assets/notices.txt again, after a change of dependencies
	go run assets/gen_notices.go

# The pages that the README shows, each a picture of assets/readme.
PICTURES := requirements-warn plan-linux-dark done-online

pictures: build ## draw the README's pictures again, after a change of the pages that it shows
	$(BIN)/assistant preview --profile assets/readme/profile.json --out $(BIN)/preview
	cp $(PICTURES:%=$(BIN)/preview/%.png) assets/readme

clean: ## remove what was built
	rm -rf bin dist
