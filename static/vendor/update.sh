#!/usr/bin/env bash
# Reproduces every vendored front-end file from its npm package (`make vendor`).
#
# Pages load nothing from other hosts, so that the content security policy can stay at 'self'
# and the application works on a closed network. To take a new version, change its pin and its
# integrity below (the script prints the integrity it found when they differ) and run it again.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Only the icons the templates use: the complete sprite would be about a megabyte on every first visit.
icons=(
  arrow-counterclockwise arrow-repeat arrow-return-left arrow-right box-arrow-right box-seam building calendar cart
  check-circle
  check-lg chevron-down chevron-left chevron-right circle circle-half clipboard-check clock clock-history
  cloud-check cloud-slash dot exclamation-circle exclamation-triangle eye funnel gear geo-alt headset
  hourglass-split house-door inbox info-circle journal-text kanban key keyboard lightning-charge link-45deg
  list-ul map megaphone moon pencil people person person-badge person-check person-plus pin-map plus-lg
  printer question-circle record-circle search shield-lock signpost-2 sliders sun tag telephone three-dots
  tools trash truck wrench x-circle
)

# unpack PACKAGE VERSION INTEGRITY: leaves the package's files in $work/PACKAGE
unpack() {
  local package="$1" version="$2" integrity="$3" archive found
  archive="$work/$(cd "$work" && npm pack --silent "$package@$version" 2>/dev/null | tail -n 1)"
  found="sha512-$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)"
  if [ "$found" != "$integrity" ]; then
    echo "$package $version has integrity $found, not $integrity" >&2
    exit 1
  fi
  mkdir "$work/$package"
  tar -xzf "$archive" -C "$work/$package" --strip-components=1
}

# state FOLDER NAME VERSION PACKAGE LICENCE: writes the VERSION file beside the vendored files
state() {
  printf 'name: %s\nversion: %s\nnpm package: %s\nlicence: %s\n' "$2" "$3" "$4" "$5" > "$1/VERSION"
}

bootstrap=5.3.8
unpack bootstrap "$bootstrap" "sha512-HP1SZDqaLDPwsNiqRqi5NcP0SSXciX2s9E+RyqJIIqGo+vJeN5AJVM98CXmW/Wux0nQ5L7jeWUdplCEf0Ee+tg=="
to="$root/static/vendor/bootstrap"
mkdir -p "$to"
# The source map is not vendored, and static files with hashed names refuse a reference to a missing file.
sed '/^\/\*# sourceMappingURL=.*\*\/$/d' "$work/bootstrap/dist/css/bootstrap.min.css" > "$to/bootstrap.min.css"
cp "$work/bootstrap/LICENSE" "$to/LICENSE"
state "$to" Bootstrap "$bootstrap" bootstrap MIT

bootstrap_icons=1.13.2
unpack bootstrap-icons "$bootstrap_icons" "sha512-fAU1Ly3dH7hwRg+CB8EZ0Vl0fF80zgXHeUVJyfUOKzoURr+TbwISbCW5tKUoQLERaWYG2emTCybcPbD96hdD1A=="
to="$root/static/vendor/bootstrap-icons"
mkdir -p "$to"
{
  echo '<svg xmlns="http://www.w3.org/2000/svg">'
  for icon in "${icons[@]}"; do
    tr -d '\n' < "$work/bootstrap-icons/icons/$icon.svg" |
      sed -E "s|<svg [^>]*viewBox=\"([^\"]*)\"[^>]*>|<symbol id=\"$icon\" viewBox=\"\1\" fill=\"currentColor\">|
              s|</svg>|</symbol>|; s|> +<|><|g"
    echo
  done
  echo '</svg>'
} > "$to/icons.svg"
cp "$work/bootstrap-icons/LICENSE" "$to/LICENSE"
state "$to" "Bootstrap Icons" "$bootstrap_icons" bootstrap-icons MIT

# The page to try the API on. Its bundle and stylesheet name source maps that are not vendored.
swagger_ui=5.35.0
unpack swagger-ui-dist "$swagger_ui" "sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ=="
to="$root/static/vendor/swagger-ui"
mkdir -p "$to"
for file in swagger-ui.css swagger-ui-bundle.js; do
  sed -E 's|/\*# sourceMappingURL=[^*]*\*/||; s|^//# sourceMappingURL=.*||' "$work/swagger-ui-dist/$file" > "$to/$file"
done
cp "$work/swagger-ui-dist/LICENSE" "$work/swagger-ui-dist/NOTICE" "$to/"
cp "$work/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt" "$to/"
state "$to" "Swagger UI" "$swagger_ui" swagger-ui-dist Apache-2.0

# For the accessibility tests alone, so it stays out of static/.
axe_core=4.14.1
unpack axe-core "$axe_core" "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
to="$root/tests/browser/vendor"
mkdir -p "$to"
cp "$work/axe-core/axe.min.js" "$work/axe-core/LICENSE" "$to/"
state "$to" axe-core "$axe_core" axe-core MPL-2.0
