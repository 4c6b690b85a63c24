// No module: it has to run before the first paint, so that a chosen theme doesn't flash.
const chosenTheme = localStorage.getItem('theme');
if (chosenTheme !== null) document.documentElement.dataset['theme'] = chosenTheme;
