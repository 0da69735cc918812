# Writes C out of docs/diagnostics.md: what each section says, without its
# severity and examples, by the name of the diagnostic.

# s as it stands in a string of C; gsub() differs between awks here.
function quote(s,    i, c, out) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		out = out (c == "\\" || c == "\"" ? "\\" c : c)
	}
	return out
}

# Links lead to other documents: what they are called stays.
function plain(s,    link) {
	while (match(s, /\[[^]]*\]\([^)]*\)/)) {
		link = substr(s, RSTART + 1, RLENGTH - 2)
		sub(/\].*/, "", link)
		s = substr(s, 1, RSTART - 1) link substr(s, RSTART + RLENGTH)
	}
	gsub(/`/, "", s)
	return s
}

# What leads to an example is no part of it.
function end_paragraph() {
	if (paragraph != "" && paragraph !~ /:$/)
		text = text (text == "" ? "" : "\\n\\n") quote(paragraph)
	paragraph = ""
}

function end_section() {
	end_paragraph()
	if (name != "")
		printf "\t{ \"%s\",\n\t  \"%s\" },\n", name, text
	text = ""
}

BEGIN {
	print "#include \"findings-parts.h\""
	print ""
	print "const struct findings_section findings_sections[] = {"
}

/^## / {
	end_section()
	name = $2
	reading = 1
	next
}

/^(```|<!--)/ {
	end_paragraph()
	reading = 0
}

/^$/ {
	end_paragraph()
}

name != "" && reading && !/^$/ {
	if (!/^(Always an error|(Error|Warning|Note|Off); can be changed)\./)
		paragraph = paragraph (paragraph == "" ? "" : " ") plain($0)
}

END {
	end_section()
	print "\t{ NULL, NULL },"
	print "};"
}
