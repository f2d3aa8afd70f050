# The page's player and its engine (Python for a browser), built from page/ into the package.
# Included from the Makefile.

PLAYER := pagereel/page/static/player.js

.PHONY: page engine page-tests test-browsers

page: $(PLAYER) engine

# Does nothing where the engine is of these sources.
engine: $(READY) page/node_modules/.ready
	@.venv/bin/python page/engine/build.py

$(PLAYER): page/node_modules/.ready page/build.mjs page/tsconfig.json $(wildcard page/src/*.ts page/src/*/*.ts)
	@cd page && npm run --silent check && npm run --silent build

page/node_modules/.ready: page/package.json page/package-lock.json page/setup.sh
	@page/setup.sh node
	@cd page && npm ci --silent
	@touch $@

# Tries a page, an edit and the search in Chromium, Firefox and WebKit, at three widths, over http
# and from files, and says each engine's figures.
test-browsers: page page/browsers/node_modules/.ready
	@for browser in chromium firefox webkit; do page/setup.sh $$browser || exit 1; done
	@.venv/bin/pagereel page storyboards/01-*.yaml storyboards/02-*.yaml -o output/browsers
	@xvfb-run -a node page/browsers/try.mjs output/browsers

page/browsers/node_modules/.ready: page/browsers/package.json page/browsers/package-lock.json
	@cd page/browsers && npm ci --silent --ignore-scripts
	@touch $@

# What `make test` needs to try the page in a browser; where it cannot be had, those tests are skipped.
page-tests:
	@$(MAKE) --no-print-directory page || echo "the player is not built: its tests are skipped" >&2
	@page/setup.sh chromium || echo "tests of the page in a browser are skipped" >&2

test: page-tests
