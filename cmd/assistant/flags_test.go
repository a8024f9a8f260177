package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// canary stands for a secret that a person put where none belongs. No output may repeat it.
const canary = "jcc_Y2FuYXJ5Y2FuYXJ5"

func TestRun_WrongArguments(t *testing.T) {
	none, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = none.Close() }()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"frobnicate"}, `no command "frobnicate"`},
		{[]string{canary}, `no command "…"`},
		{[]string{"enroll", "--key", canary}, "no flag --key"},
		{[]string{"enroll", "--connect-key=" + canary}, "no flag --connect-key"},
		{[]string{"enroll", "-password", canary}, "answers FILE"},
		{[]string{"enroll", canary}, "takes flags only"},
		{[]string{"enroll", "--fast"}, "no flag --fast"},
		{[]string{"enroll", "--" + canary}, "no flag --…"},
		{[]string{"enroll", "--json=" + canary}, "could not be read"},
		{[]string{"enroll", "--answers"}, "--answers needs a value"},
		{[]string{"enroll", "--until", canary}, "--until takes one of these: online, bound"},
		{[]string{"enroll", "--consent", canary}, "auto, dialog, sudo, none"},
		{[]string{"enroll", "--json", "--consent", "sudo"}, "cannot be asked"},
		{[]string{"enroll", "--json", "--region", "MARS"}, "US, EU, IN"},
		{[]string{"enroll", "--answers", "file"}, "works with --json only"},
		{[]string{"enroll"}, "not a terminal"},
		{[]string{"check", "--until", "bound"}, "no flag --until"},
		{[]string{"plan", "now"}, "takes flags only"},
		{[]string{"profile"}, "profile check FILE"},
		{[]string{"profile", "check"}, "profile check FILE"},
		{[]string{"version", "--short"}, "no flag --short"},
		{[]string{"licenses", "all"}, "takes flags only"},
		{[]string{"help", "me"}, "nothing, or"},
		{[]string{"elevated"}, "Only the assistant itself"},
		{[]string{"open", "--until", "bound"}, "no flag --until"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(context.Background(), c.args, stdio{in: none, out: &out, err: &errs})
			if code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if !strings.Contains(errs.String(), c.want) {
				t.Errorf("said %q, want %q in it", errs.String(), c.want)
			}
			if all := out.String() + errs.String(); strings.Contains(all, canary) {
				t.Errorf("the output repeats what could be a secret:\n%s", all)
			}
		})
	}
}

func TestRun_Help(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"help", "all"}, {"enroll", "--help"}, {"profile", "-h"}, {"version", "--help"}} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), args, stdio{out: &out, err: &errs}); code != 0 || errs.Len() > 0 {
			t.Errorf("%v: exit code %d, stderr %q", args, code, errs.String())
		}
		for _, c := range commands() {
			if told := strings.Contains(out.String(), "\n  "+c.name) || strings.Contains(out.String(), "\n"+c.name); told == (c.name == "elevated" || c.name == "in-terminal") {
				t.Errorf("%v: command %s told: %t", args, c.name, told)
			}
		}
	}
}

// Every sentence of the command line is in the translations: a key that is missing comes back in brackets.
func TestUsage_NoMissingText(t *testing.T) {
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"help"}, {"help", "all"}, {"version"}} {
		run(context.Background(), args, stdio{out: &out, err: &errs})
	}
	if strings.Contains(out.String()+errs.String(), "[cli.") {
		t.Errorf("a sentence is missing:\n%s%s", &out, &errs)
	}
}
