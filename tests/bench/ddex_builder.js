// Prints the median milliseconds of an album of twelve tracks built by ddex-builder.
const { DdexBuilder } = require("ddex-builder");

const TRACKS = 12, ROUNDS = 50;

async function build() {
  const builder = new DdexBuilder();
  const trackIds = [];
  for (let n = 1; n <= TRACKS; n++) {
    trackIds.push(`A${n}`);
    builder.addResource({
      resourceId: `A${n}`, resourceType: "SoundRecording", title: `Side ${n}`,
      artist: "Ada Lathe", isrc: `QZDWX26${String(n).padStart(5, "0")}`,
      duration: "PT3M0S", trackNumber: n,
    });
  }
  builder.addRelease({
    releaseId: "R0", releaseType: "Album", title: "Lacquer Cuts", artist: "Ada Lathe",
    label: "Run-out Records", upc: "5901234123457", releaseDate: "2026-12-04",
    genre: "Electronic", trackIds,
  });
  return builder.build();
}

(async () => {
  for (let i = 0; i < 5; i++) await build();
  const taken = [];
  for (let i = 0; i < ROUNDS; i++) {
    const start = process.hrtime.bigint();
    await build();
    taken.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  taken.sort((a, b) => a - b);
  console.log(JSON.stringify({ ms: taken[ROUNDS / 2] }));
})();
