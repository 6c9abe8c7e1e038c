#!/bin/sh
# Fails where clang-format would change something; make format changes it. It is Debian 12's
# version 14: others lay out some lines in another way.
told=$(find cmd internal tests -name '*.[ch]' -print0 |
	xargs -0 clang-format-14 --dry-run --Werror 2>&1) && exit 0
places=$(echo "$told" | sed -n 's/:[0-9]*:[0-9]*: error: .*/: run make format/p' | uniq -c)
echo "${places:-$told}" >&2
exit 1
