# What people do with this repository. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo run test test-rust test-clients prove package sbom bench bench-short audit console schema fmt

CONSOLE_SOURCES := $(shell find console -path console/node_modules -prune -o -path console/dist -prune -o -path console/src/generated -prune -o -type f -print 2>/dev/null)

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

demo: console/dist/graphiql.html ## A simulated company of 2,000 people, a server on SQLite, the first sync, and commands to paste
	cargo build --locked
	./target/debug/dingmirror demo $(ARGS)

run: console/dist/graphiql.html ## The server itself, with what the environment says (see docs/operating.md)
	cargo run --locked -- serve $(ARGS)

test: ## Everything: installs missing tools, lints, Rust tests on SQLite and Postgres, clients of other people, GraphiQL
	scripts/test

test-rust: ## The Rust tests alone, on SQLite and a temporary Postgres
	scripts/with-postgres cargo nextest run --workspace --locked $(ARGS)

test-clients: console/dist/graphiql.html ## The client tests alone; ARGS="websocket java" chooses files by name
	cargo build --locked
	scripts/npm-ci tests/clients
	npm --prefix tests/clients test --loglevel=error -- $(ARGS)

prove: ## The long proofs that `make test` leaves out
	scripts/prove

package: console/dist/graphiql.html ## The Debian package, into target/debian
	scripts/package

sbom: ## The bill of materials (CycloneDX) of the binary and its pages, into target/sbom
	scripts/sbom

bench: console/dist/graphiql.html ## Reads beside other servers, 1,000 to 1,000,000 people, with plots; for hours
	@scripts/bench $(ARGS)

bench-short: console/dist/graphiql.html ## The same with 10,000 people: under five minutes once it is built
	@scripts/bench --short $(ARGS)

audit: ## Known vulnerabilities of the dependencies; fetches the database of advisories
	scripts/install-dependency-tools
	scripts/check-dependencies advisories

console: console/dist/graphiql.html ## Builds the pages that the binary embeds

# npm's output folder is not committed. cargo notices a new one by build.rs.
console/dist/graphiql.html: $(CONSOLE_SOURCES) schema.graphql
	scripts/npm-ci console
	npm --prefix console run build --loglevel=error
	@touch $@

schema: ## Writes schema.graphql anew from the code
	cargo run --locked --quiet -- schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

fmt: ## Formats the Rust code
	cargo fmt --all
