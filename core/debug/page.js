"use strict";
document.addEventListener("click", (event) => {
	const button = event.target.closest("button");
	if (!button)
		return;
	if ("replay" in button.dataset) {
		location.reload();
		return;
	}
	const from = document.getElementById(button.dataset.copy);
	const said = button.textContent;
	const copied = () => {
		button.textContent = "Copied";
		setTimeout(() => { button.textContent = said; }, 1500);
	};
	if (navigator.clipboard) {
		navigator.clipboard.writeText(from.value).then(copied);
		return;
	}
	from.hidden = false;
	from.select();
	if (document.execCommand("copy"))
		copied();
	from.hidden = true;
});
