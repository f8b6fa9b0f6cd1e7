"use strict";

/* The page of the chat. Everything that comes is put in as text, never as HTML. */

const at = (id) => document.getElementById(id);
const RETRY_MS = [500, 1000, 2000, 5000, 10000];
const LINES_MAX = 500;

let socket = null;
let name = "";
let here = [];
let tries = 0;

function element(tag, className, text) {
	const e = document.createElement(tag);
	if (className)
		e.className = className;
	if (text !== undefined)
		e.textContent = text;
	return e;
}

/* --- what is shown --------------------------------------------------------- */

function showState(text) {
	at("state").textContent = text;
}

function showDoor(trouble) {
	at("door").hidden = false;
	at("room").hidden = true;
	at("trouble").textContent = trouble;
	at("name").focus();
}

function showRoom() {
	at("door").hidden = true;
	at("room").hidden = false;
	at("words").focus();
}

function showPeople() {
	const list = at("here");
	list.replaceChildren(...here.map((who) =>
		element("li", who === name ? "me" : "", who)));
	at("count").textContent = String(here.length);
}

function addLine(line) {
	const talk = at("talk");
	const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
	talk.append(line);
	while (talk.children.length > LINES_MAX)
		talk.firstChild.remove();
	if (atEnd)
		talk.scrollTop = talk.scrollHeight;
}

function addSaid(m) {
	const line = element("li", m.name === name ? "said mine" : "said");
	const when = new Date(m.time);
	const time = element("time", "", when.toLocaleTimeString([], {
		hour: "2-digit", minute: "2-digit"}));
	time.dateTime = when.toISOString();
	line.append(element("b", "", m.name), " ", time, element("p", "", m.text));
	addLine(line);
}

/* --- what comes ------------------------------------------------------------ */

const on = {
	welcome(m) {
		name = m.name;
		here = m.here;
		tries = 0;
		at("talk").replaceChildren();
		showState("Connected");
		showRoom();
		showPeople();
		m.history.forEach(addSaid);
	},
	joined(m) {
		here.push(m.name);
		showPeople();
		addLine(element("li", "news", m.name + " came in"));
	},
	left(m) {
		here = here.filter((who) => who !== m.name);
		showPeople();
		addLine(element("li", "news", m.name + " left"));
	},
	said: addSaid,
};

/* 4400 to 4499: it is us who have to do something else. */
function closed(e) {
	socket = null;
	if (e.code >= 4400 && e.code < 4500) {
		showState("Not connected");
		showDoor(e.reason || "The room did not let you in.");
		return;
	}
	showState("Connection lost, trying again …");
	setTimeout(connect, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
}

function connect() {
	const url = new URL("/talk", location.href);
	url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
	url.searchParams.set("name", name);
	showState("Connecting …");
	socket = new WebSocket(url);
	socket.onmessage = (e) => {
		const m = JSON.parse(e.data);
		if (Object.hasOwn(on, m.type))
			on[m.type](m);
	};
	socket.onclose = closed;
}

/* A page that is left may be kept for the way back: it is not here meanwhile, and comes
 * in again when it is shown. */
addEventListener("pagehide", () => socket && socket.close());

/* --- what people do -------------------------------------------------------- */

at("come").addEventListener("submit", (e) => {
	e.preventDefault();
	name = at("name").value.trim();
	if (name && !socket)
		connect();
});

at("speak").addEventListener("submit", (e) => {
	e.preventDefault();
	const words = at("words").value.trim();
	if (!words || !socket || socket.readyState !== WebSocket.OPEN)
		return;
	socket.send(JSON.stringify({say: words}));
	at("words").value = "";
});
