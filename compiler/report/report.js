
"use strict";
(() => {
	const kinds = ["allow", "log", "ask", "errno", "kill", "depends"];

	// The kind of each ABI's verdict in a row.
	const verdicts = row => [...row.querySelectorAll("td > .v")].map(
		v => kinds.find(kind => v.classList.contains(kind)));

	const matches = (row, words, kind) => {
		if (!words.every(word => row.text.includes(word)))
			return false;
		if (kind === "differ")
			return new Set(row.verdicts).size > 1;
		return !kind || kind.split(" ").some(
			k => row.verdicts.includes(k));
	};

	const prepare = section => {
		const tools = section.querySelector(".tools");
		const body = section.querySelector(".verdicts tbody");
		const [search, kind] = tools.querySelectorAll("input, select");
		const status = tools.querySelector("[role=status]");
		const rows = [...body.rows].map(node => ({
			node,
			text: node.textContent.toLowerCase(),
			verdicts: verdicts(node),
		}));
		const filter = () => {
			const words = search.value.toLowerCase().split(/\s+/)
				.filter(Boolean);
			let shown = 0;
			for (const row of rows) {
				row.node.hidden =
					!matches(row, words, kind.value);
				shown += !row.node.hidden;
			}
			status.textContent =
				`${shown} of ${rows.length} syscalls shown`;
		};
		search.addEventListener("input", filter);
		search.addEventListener("change", filter);
		kind.addEventListener("change", filter);
		tools.hidden = false;
		filter();
	};

	const value = (row, column) => {
		const text = row.cells[column].textContent;
		const number = parseFloat(text);
		return isNaN(number) ? text : number;
	};

	const compare = (a, b) => typeof a === typeof b
		? a < b ? -1 : a > b ? 1 : 0
		: typeof a === "number" ? -1 : 1;

	const sort = (table, column, head) => {
		const down = head.getAttribute("aria-sort") === "ascending";
		const body = table.tBodies[0];
		const rows = [...body.rows].map(
			row => [value(row, column), row]);
		rows.sort((a, b) => compare(a[0], b[0]) * (down ? -1 : 1));
		for (const other of table.tHead.rows[0].cells)
			other.removeAttribute("aria-sort");
		head.setAttribute("aria-sort",
			down ? "descending" : "ascending");
		body.append(...rows.map(row => row[1]));
	};

	const make_sortable = table => {
		[...table.tHead.rows[0].cells].forEach((head, column) => {
			const button = document.createElement("button");
			button.type = "button";
			button.append(...head.childNodes);
			button.addEventListener("click",
				() => sort(table, column, head));
			head.append(button);
		});
	};

	// A link into something that is closed opens it.
	const reveal = () => {
		const id = location.hash.slice(1);
		const node = id && document.getElementById(id);
		const closed = node && node.closest("details:not([open])");
		if (closed) {
			closed.open = true;
			node.scrollIntoView();
		}
	};

	document.querySelectorAll("section.verdict").forEach(section => {
		if (section.querySelector(".verdicts"))
			prepare(section);
	});
	document.querySelectorAll(".verdicts, .overview, .ranges")
		.forEach(make_sortable);
	addEventListener("hashchange", reveal);
	reveal();

	// For browsers that print what is closed as closed.
	let opened = [];
	addEventListener("beforeprint", () => {
		opened = [...document.querySelectorAll("details:not([open])")];
		opened.forEach(node => { node.open = true; });
	});
	addEventListener("afterprint", () => {
		opened.forEach(node => { node.open = false; });
	});
})();
