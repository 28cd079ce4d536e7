// What the pages do in the browser: hand in files, follow long work, jump from an item to its evidence. All of it can fail
// without losing anything: every act has a plain form or link beside it.
"use strict";
const csrf = document.body.dataset.csrf || "";
const get = async (path) => {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (answer.status === 401) { location.href = "/login"; throw new Error("login"); }
  return answer.json();
};
const make = (name, text, className) => {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
};

// --- hand in files: one after the other, each with its own progress
const drop = document.querySelector("[data-upload]");
if (drop) {
  const list = document.querySelector("#uploads");
  const input = drop.querySelector("input[type=file]");
  const unit = document.querySelector("#hint");
  const one = (file) => new Promise((done) => {
    const row = make("tr"); const bar = make("progress"); bar.max = file.size || 1; bar.value = 0;
    bar.setAttribute("aria-label", "上传进度");
    const state = make("td"); state.append(bar);
    row.append(make("td", file.name), state, make("td")); list.prepend(row);
    const body = new FormData(); body.append("csrf", csrf); body.append("hint", unit ? unit.value : ""); body.append("file", file, file.name);
    const call = new XMLHttpRequest();
    call.open("POST", "/intake/upload"); call.setRequestHeader("accept", "application/json"); call.setRequestHeader("x-csrf-token", csrf);
    call.upload.onprogress = (event) => { bar.value = event.loaded; bar.max = event.total; };
    call.onloadend = () => {
      let words = {}; try { words = JSON.parse(call.responseText); } catch { words = {}; }
      if (call.status === 200) { state.replaceChildren(make("span", "已收妥,正在读取…", "tag")); follow(words.key, row, state); }
      else { state.replaceChildren(make("span", words.error || "没有传上去,请再试", "tag bad")); }
      done();
    };
    call.send(body);
  });
  const follow = async (key, row, state) => {
    for (let pause = 400; ; pause = Math.min(pause * 1.3, 4000)) {
      await new Promise((wake) => setTimeout(wake, pause));
      const fate = await get("/intake/fate/" + encodeURIComponent(key)).catch(() => null);
      if (!fate) continue;
      if (fate.state === "waiting") { state.replaceChildren(make("span", fate.words, "tag")); continue; }
      state.replaceChildren(make("span", fate.words, "tag " + fate.state));
      const more = row.lastElementChild;
      if (fate.entry) { const link = make("a", fate.entry + " " + fate.title); link.href = "/papers/" + fate.entry; more.replaceChildren(link); }
      else more.textContent = fate.reason || "";
      return;
    }
  };
  const take = async (files) => { for (const file of files) await one(file); };
  input.addEventListener("change", () => { take([...input.files]); });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  drop.addEventListener("drop", (event) => { take([...event.dataTransfer.files]); });
  drop.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); if (input.files.length) take([...input.files]); });
}

// --- long work
for (const box of document.querySelectorAll("[data-job]")) {
  const follow = async () => {
    const job = await get("/jobs/" + box.dataset.job + ".json").catch(() => null);
    if (job && !job.over) {
      const bar = box.querySelector("progress");
      if (job.total) { bar.max = job.total; bar.value = job.done; }
      box.querySelector(".far").textContent = job.total ? `${job.done} / ${job.total}` : `${job.done}`;
    }
    if (job && job.over) { location.reload(); return; }
    setTimeout(follow, 800);
  };
  follow();
}

// --- from an item to the place in the text
const light = (n) => {
  const place = document.getElementById("p" + n);
  if (!place) return;
  document.querySelectorAll(".lit").forEach((node) => node.classList.remove("lit"));
  place.classList.add("lit"); place.scrollIntoView({ block: "center" });
};
for (const link of document.querySelectorAll("a[data-passage]")) link.addEventListener("click", (event) => { event.preventDefault(); light(link.dataset.passage); history.replaceState(null, "", "#p" + link.dataset.passage); });

// --- what takes a while to find comes when it is found
for (const box of document.querySelectorAll("[data-notes]")) get(box.dataset.notes).then((found) => {
  box.replaceChildren(...found.map((words) => make("p", words, "note")));
}).catch(() => {});

// --- filters that act at once, buttons that ask first
for (const box of document.querySelectorAll("select[data-now]")) box.addEventListener("change", () => box.form.submit());
for (const button of document.querySelectorAll("button[data-ask]")) button.addEventListener("click", (event) => { if (!confirm(button.dataset.ask)) event.preventDefault(); });
for (const button of document.querySelectorAll("button[data-print]")) button.addEventListener("click", () => print());

// --- completion of the search's conditions
const box = document.querySelector("input[data-complete]");
if (box) {
  const options = document.getElementById(box.getAttribute("list"));
  let turn = 0;
  box.addEventListener("input", async () => {
    const mine = ++turn; await new Promise((wake) => setTimeout(wake, 200));
    if (mine !== turn) return;
    const found = await get("/search/complete?q=" + encodeURIComponent(box.value)).catch(() => []);
    if (mine === turn) options.replaceChildren(...found.map((one) => { const option = make("option"); option.value = one.text; option.label = one.count ? `${one.label}(${one.count} 份)` : one.label; return option; }));
  });
}
