package stub

import (
	"bytes"
	"fmt"
	"html"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// Message gives the mail as RFC 5322 has it, with a part in plain text and one in HTML. It is the same each time.
// https://www.rfc-editor.org/rfc/rfc5322, https://www.rfc-editor.org/rfc/rfc2046#section-5.1.4
func (m Mail) Message() []byte {
	boundary := fmt.Sprintf("stub-%d-%x", m.ID, m.Sent.UnixMilli())
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", (&mail.Address{Name: m.senderName(), Address: m.From}).String()},
		{"To", (&mail.Address{Address: oneLine(m.To, 254)}).String()},
		{"Subject", mime.QEncoding.Encode("utf-8", oneLine(m.Subject, 200))},
		{"Date", m.Sent.UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + boundary + "@stub.invalid>"},
		{"Auto-Submitted", "auto-generated"}, // no out-of-office answers: https://www.rfc-editor.org/rfc/rfc3834#section-5
		{"MIME-Version", "1.0"},
		{"Content-Type", `multipart/alternative; boundary="` + boundary + `"`},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	for _, part := range [][2]string{{"text/plain", m.Text}, {"text/html", m.HTML()}} {
		b.WriteString("\r\n--" + boundary + "\r\nContent-Type: " + part[0] + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
		q := quotedprintable.NewWriter(&b)
		_, _ = q.Write([]byte(strings.ReplaceAll(part[1], "\n", "\r\n"))) // a buffer takes everything
		_ = q.Close()
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}

var htmlLink = regexp.MustCompile(`https?://[^\s<>"']+[^\s<>"'.,;:!?)]`)

// HTML gives the text as a small page of its own: paragraphs, line breaks, links. All else is text, whatever it says.
func (m Mail) HTML() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n")
	for paragraph := range strings.SplitSeq(strings.TrimSpace(m.Text), "\n\n") {
		b.WriteString("<p>")
		for i, line := range strings.Split(paragraph, "\n") {
			if i > 0 {
				b.WriteString("<br>\n")
			}
			at := 0
			for _, link := range htmlLink.FindAllStringIndex(line, -1) {
				address := html.EscapeString(line[link[0]:link[1]])
				b.WriteString(html.EscapeString(line[at:link[0]]) + `<a href="` + address + `">` + address + "</a>")
				at = link[1]
			}
			b.WriteString(html.EscapeString(line[at:]))
		}
		b.WriteString("</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
