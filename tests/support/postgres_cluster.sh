#!/usr/bin/env bash
# A PostgreSQL cluster of the tests' own: thrown away afterwards, reached by a Unix socket alone.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: postgres_cluster.sh start FOLDER [SETTING=VALUE]... | stop FOLDER | restart FOLDER | pids FOLDER |
       postgres_cluster.sh sql FOLDER STATEMENTS | limit FOLDER BYTES

  start    makes a cluster, starts it and prints its URL; FOLDER/url holds that, FOLDER/home says where the data lies
  stop     ends it at once and removes it; fine if it is not there
  restart  ends it, if it runs, and starts it again on the same data
  pids     its processes, the postmaster first
  sql      runs statements, in one transaction, and prints the last one's rows, bare: a line each, columns between |
  limit    lets no file of it grow beyond so many bytes, as on a full disk; or as it likes again: unlimited

An older cluster of FOLDER is stopped first. Settings are the server's, as in fsync=on; without, nothing is flushed to the disk.
Works as root (the server then runs as the user postgres) and as anybody else.
TEXT
}

fail() {
  echo "postgres_cluster.sh: $*" >&2
  exit 1
}

programs() {
  local debian
  debian=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [[ $debian ]] || debian=$(dirname "$(command -v initdb || true)")
  [[ -x $debian/initdb ]] || fail "needs PostgreSQL's server (Debian's postgresql-15); script/bootstrap installs it"
  echo "$debian"
}

as_server() {
  if [[ $(id -u) == 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

control() { as_server "$bin/pg_ctl" -D "$home/data" -w -t 60 "$@" >/dev/null 2>&1 </dev/null; }

launch() { control -l "$home/log" start || fail "the server does not start: $(tail -n 5 "$home/log")"; }

stop() {
  [[ -f $folder/home ]] || return 0
  home=$(<"$folder/home")
  if [[ -f $home/data/postmaster.pid ]]; then control -m immediate stop || true; fi
  rm -rf "$home" "$folder/home" "$folder/url"
}

start() {
  stop
  mkdir -p "$folder"
  home=$(mktemp -d -t gateway-pg-XXXXXX)
  [[ $(id -u) == 0 ]] && chown postgres "$home"
  echo "$home" >"$folder/home"
  as_server "$bin/initdb" -D "$home/data" -U relay --auth=trust --encoding=UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 ||
    fail "initdb failed: $(tail -n 5 "$folder/initdb.log")"
  # Sockets are named after the port; in a folder of its own any number is free.
  printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$home'" 'port = 5432' 'fsync = off' "$@" |
    as_server tee -a "$home/data/postgresql.conf" >/dev/null
  launch
  echo "postgresql://relay@/postgres?host=$home&port=5432" | tee "$folder/url"
}

restart() {
  home=$(<"$folder/home")
  control -m fast stop || true
  launch
}

pids() {
  local postmaster
  postmaster=$(head -n 1 "$(<"$folder/home")/data/postmaster.pid")
  echo "$postmaster $(cat "/proc/$postmaster/task/"*/children)"
}

sql() { "$bin/psql" "$(<"$folder/url")" -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"; }

limit() { # what has ended meanwhile needs none
  for pid in $(pids); do as_server prlimit --pid "$pid" --fsize="$1:unlimited" || [[ ! -e /proc/$pid ]]; done
}

(($# >= 2)) || {
  usage >&2
  exit 2
}
verb=$1 folder=$(realpath -m "$2")
shift 2
bin=$(programs)
cd / # where the user postgres may be
case $verb in
  start | sql | limit) "$verb" "$@" ;;
  stop | restart | pids) "$verb" ;;
  *)
    usage >&2
    exit 2
    ;;
esac
