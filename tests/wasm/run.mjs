// Runs the program under Node.js and prints the hash: `node run.mjs PROGRAM.wasm`.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const start = performance.now();
const hash = BigInt.asUintN(64, instance.exports.train_and_hash());
console.error(`WebAssembly: ${((performance.now() - start) / 1000).toFixed(1)} s`);
console.log(hash.toString(16).padStart(16, "0"));
