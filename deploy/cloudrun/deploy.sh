#!/usr/bin/env bash
# Puts the relay on Cloud Run over Firestore: docs/deployment.md, "Google Cloud Run and Firestore".
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly here=deploy/cloudrun

usage() {
  cat <<'TEXT'
Usage: deploy/cloudrun/deploy.sh --project PROJECT [options] [step]...

Does what is not done yet; run it again after any failure, and for a new version.

  apis      enables the APIs
  database  creates the Firestore database, in native mode
  account   creates the service account, with roles/datastore.user and nothing else
  indexes   creates the indexes of firestore.indexes.json, and waits until they are built
  rules     publishes firestore.rules, which keep everybody out but the relay
  build     builds the image with Cloud Build
  service   deploys the service of service.yaml, open to everybody: clients authenticate to the relay

Without steps: all of them, in this order.

  --project PROJECT      Google Cloud project
  --region REGION        of the service, the image and the database (us-central1)
  --database DATABASE    of Firestore ((default))
  --location LOCATION    of the database, where it is not the region: nam5, eur3 (REGION)
  --relay-url URL        what clients connect to and sign (wss:// and the address that Cloud Run gives)
  --image IMAGE          one that is there already: leaves out build
  --min-instances N      kept running (1)
  --max-instances N      (10)
  --dry-run              prints the commands and the filled-in service, and does nothing

  deploy/cloudrun/deploy.sh --project my-project --dry-run
  deploy/cloudrun/deploy.sh --project my-project --region europe-west1 --relay-url wss://relay.example.com
  deploy/cloudrun/deploy.sh --project my-project --region europe-west1 build service    # a new version

Needs gcloud (gcloud auth login), curl and jq; Cloud Shell has all three. Everything is done by gcloud but the security
rules, for which it has no command: they go to the Firebase Rules API by curl.
TEXT
}

fail() {
  echo "deploy.sh: $*" >&2
  exit 2
}

all_steps=(apis database account indexes rules build service)
project="" region=us-central1 database="(default)" location="" relay_url="" image="" min=1 max=10 dry_run=""
steps=()
while (($#)); do
  case "$1" in
    -h | --help)
      usage
      exit
      ;;
    --dry-run)
      dry_run=yes
      shift
      ;;
    --project | --region | --database | --location | --relay-url | --image | --min-instances | --max-instances)
      [[ ${2:-} ]] || fail "$1 needs a value"
      case "$1" in
        --project) project=$2 ;;
        --region) region=$2 ;;
        --database) database=$2 ;;
        --location) location=$2 ;;
        --relay-url) relay_url=$2 ;;
        --image) image=$2 ;;
        --min-instances) min=$2 ;;
        --max-instances) max=$2 ;;
      esac
      shift 2
      ;;
    *)
      [[ " ${all_steps[*]} " == *" $1 "* ]] || fail "$1 is no option and no step; see --help"
      steps+=("$1")
      shift
      ;;
  esac
done
[[ $project ]] || fail "which project? --project PROJECT; see --help"
if ! [[ $min =~ ^[0-9]+$ && $max =~ ^[1-9][0-9]*$ && $min -le $max ]]; then
  fail "--min-instances and --max-instances are numbers, the first one not above the second"
fi
# They are written into YAML and URLs.
for value in "$project" "$region" "$database" "$location" "$relay_url" "$image"; do
  [[ $value =~ ^[A-Za-z0-9:/._@()-]*$ ]] || fail "$value: a letter that no name of Google Cloud has"
done
[[ -z $relay_url || $relay_url == wss://* ]] || fail "--relay-url begins with wss://"
if ((${#steps[@]} == 0)); then
  steps=("${all_steps[@]}")
  [[ $image ]] && steps=("${steps[@]/build/}")
fi

readonly account_id=mls-gateway repository=mls-gateway service=mls-gateway
readonly account=$account_id@$project.iam.gserviceaccount.com
version=$(sed -n 's/^project(mls-gateway VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
[[ $image ]] || image=$region-docker.pkg.dev/$project/$repository/mls-gateway:$version

say() { echo "== $*"; }

# As it can be pasted into a shell.
print_command() {
  local word words=()
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:@=,-]+$ ]] || word=${word@Q}
    words+=("$word")
  done
  echo "${words[*]}"
}

run() {
  if [[ $dry_run ]]; then
    print_command "$@"
  else
    "$@"
  fi
}

# What is there already is as good.
create() {
  local said
  if [[ $dry_run ]]; then
    run "$@"
  elif ! said=$("$@" 2>&1); then
    grep -qiE 'already.exists' <<<"$said" || fail "$* failed: $said"
    echo "is there already"
  fi
}

cloud() { run gcloud --project "$project" --quiet "$@"; }
create_cloud() { create gcloud --project "$project" --quiet "$@"; }

step_apis() {
  cloud services enable run.googleapis.com cloudbuild.googleapis.com firestore.googleapis.com \
    artifactregistry.googleapis.com cloudresourcemanager.googleapis.com firebaserules.googleapis.com \
    iam.googleapis.com
}

step_database() {
  create_cloud firestore databases create --database "$database" --location "${location:-$region}" \
    --type firestore-native --delete-protection
}

step_account() {
  create_cloud iam service-accounts create "$account_id" --display-name "mls-gateway"
  cloud projects add-iam-policy-binding "$project" --member "serviceAccount:$account" \
    --role roles/datastore.user --condition None
}

# Arguments for each index of the file, a line each.
composite_indexes() {
  jq -r '.indexes[] | [
      "--collection-group", .collectionGroup, "--query-scope", (.queryScope | ascii_downcase),
      (.fields[] | "--field-config=field-path=\(.fieldPath)," +
        if .arrayConfig then "array-config=contains" else "order=\(.order | ascii_downcase)" end)
    ] | join(" ")' "$here/firestore.indexes.json"
}

# Likewise for each field whose own indexes are not the usual ones.
field_overrides() {
  jq -r '.fieldOverrides[] | [
      .fieldPath, "--collection-group", .collectionGroup,
      if .indexes == [] then "--disable-indexes" else (.indexes[] | "--index=order=\(.order | ascii_downcase)") end
    ] | join(" ")' "$here/firestore.indexes.json"
}

step_indexes() {
  local lines line words
  lines=$(composite_indexes)
  while read -r line; do
    read -r -a words <<<"$line"
    create_cloud firestore indexes composite create --database "$database" "${words[@]}" --async
  done <<<"$lines"
  lines=$(field_overrides)
  while read -r line; do
    read -r -a words <<<"$line"
    cloud firestore indexes fields update "${words[@]}" --database "$database" --async
  done <<<"$lines"
  wait_for_indexes
}

# A query whose index is not built yet is refused.
wait_for_indexes() {
  local left
  [[ $dry_run ]] && return
  while left=$(gcloud --project "$project" firestore indexes composite list --database "$database" \
    --filter 'state!=READY' --format 'value(name)') && [[ $left ]]; do
    echo "waiting for $(wc -l <<<"$left") indexes"
    sleep 10
  done
}

# <method> <path>: the body from stdin, the answer to stdout. The token is in no command line.
call_rules_api() {
  curl --silent --show-error --fail-with-body -X "$1" \
    -H @<(printf 'Authorization: Bearer %s\n' "$(gcloud auth print-access-token)") \
    -H "x-goog-user-project: $project" -H 'Content-Type: application/json' --data-binary @- \
    "https://firebaserules.googleapis.com/v1/projects/$project/$2"
}

step_rules() {
  local release=cloud.firestore ruleset
  [[ $database == "(default)" ]] || release+=/$database
  if [[ $dry_run ]]; then
    echo "# curl: POST https://firebaserules.googleapis.com/v1/projects/$project/rulesets, with $here/firestore.rules"
    echo "# curl: PATCH https://firebaserules.googleapis.com/v1/projects/$project/releases/$release"
    return
  fi
  ruleset=$(jq -n --rawfile rules "$here/firestore.rules" \
    '{source: {files: [{name: "firestore.rules", content: $rules}]}}' | call_rules_api POST rulesets | jq -r .name)
  jq -n --arg name "projects/$project/releases/$release" --arg ruleset "$ruleset" \
    '{release: {name: $name, rulesetName: $ruleset}}' | call_rules_api PATCH "releases/$release" >/dev/null 2>&1 ||
    jq -n --arg name "projects/$project/releases/$release" --arg ruleset "$ruleset" \
      '{name: $name, rulesetName: $ruleset}' | call_rules_api POST releases >/dev/null
}

step_build() {
  create_cloud artifacts repositories create "$repository" --location "$region" --repository-format docker
  cloud builds submit . --tag "$image" --machine-type e2-highcpu-8 --timeout 3600s
}

# Known before the first deployment.
address() {
  local number=PROJECT_NUMBER
  [[ $dry_run ]] || number=$(gcloud projects describe "$project" --format 'value(projectNumber)')
  echo "$service-$number.$region.run.app"
}

filled_service() {
  sed -e "s|@PROJECT@|$project|" -e "s|@DATABASE@|$database|" -e "s|@IMAGE@|$image|" \
    -e "s|@SERVICE_ACCOUNT@|$account|" -e "s|@RELAY_URL@|$relay_url|" \
    -e "s|@MIN_INSTANCES@|$min|" -e "s|@MAX_INSTANCES@|$max|" "$here/service.yaml"
}

step_service() {
  [[ $relay_url ]] || relay_url=wss://$(address)
  if [[ $dry_run ]]; then
    cloud run services replace - --region "$region"
    filled_service | sed 's/^/    /'
  else
    filled_service | gcloud --project "$project" --quiet run services replace - --region "$region"
  fi
  cloud run services add-iam-policy-binding "$service" --region "$region" --member allUsers --role roles/run.invoker
  echo "the relay: $relay_url"
}

if [[ ! $dry_run ]]; then
  for tool in gcloud curl jq; do
    command -v "$tool" >/dev/null || fail "$tool is missing; Cloud Shell has it"
  done
fi
for step in "${steps[@]}"; do
  [[ $step ]] || continue
  say "$step"
  "step_$step"
done
