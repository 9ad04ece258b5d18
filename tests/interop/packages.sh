# shellcheck shell=bash
# Installs the Debian packages named in `needed`, as root, or says which line to type; sourced.

missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    apt-get update -qq || true # an old list may still do
    # No service of these packages is started: the tests run their own copies, inside namespaces.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "not run; it needs these packages: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
