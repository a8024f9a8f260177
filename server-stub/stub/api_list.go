package stub

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
)

// collection is what can be asked of a list. Fields that are not here are refused, so no text of a client becomes SQL.
type collection struct {
	from     string // SQL: the table, and what holds of every row
	columns  map[string]column
	searched []string // fields to search in where none is named, and the only ones
	text     string   // the table of the text of these fields by three characters; empty where there is none
	order    string
	since    string
}

// apiPage is how V1 answers a list.
type apiPage struct {
	TotalCount int64 `json:"totalCount"`
	Results    []any `json:"results"`
}

// pageOf makes the answer of rows.
func pageOf[T any](total int64, rows []T, fields []string) (int, any, error) {
	chosen, err := onlyOf(rows, fields)
	return http.StatusOK, apiPage{total, chosen}, err
}

// onlyOf leaves the named fields of every row.
func onlyOf[T any](rows []T, fields []string) ([]any, error) {
	chosen := make([]any, 0, len(rows))
	for _, row := range rows {
		v, err := only(row, fields)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, v)
	}
	return chosen, nil
}

// rowsFunc reads rows in their wire form; rest goes on after the collection's from.
type rowsFunc[T any] func(ctx context.Context, q querier, rest string, args ...any) ([]T, error)

// answerList answers a list of V1: asked reads what is wanted, by URL or by body.
func answerList[T any](s *Server, asked func(apiCall) (listQuery, error), list func() collection, read rowsFunc[T]) apiFunc {
	return func(c apiCall) (int, any, error) {
		q, err := asked(c)
		if err != nil {
			return 0, nil, err
		}
		total, rows, err := find(c.Context(), s, list(), q, read)
		if err != nil {
			return 0, nil, err
		}
		return pageOf(total, rows, q.fields)
	}
}

// find gives a page of a list and how many rows there are in all, of one moment.
func find[T any](ctx context.Context, s *Server, list collection, q listQuery, read rowsFunc[T]) (total int64, rows []T, err error) {
	where, err := list.where(q)
	if err != nil {
		return 0, nil, err
	}
	order, err := list.orderBy(q)
	if err != nil {
		return 0, nil, err
	}
	e := s.epochNow(ctx) // before what is counted is read
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, nil, fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if total, err = e.count(ctx, tx, `SELECT count(*) FROM `+list.from+` AND `+where.sql, where.args...); err != nil {
		return 0, nil, err
	}
	rows, err = read(ctx, tx, ` AND `+where.sql+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(where.args, q.limit, q.skip)...)
	return total, rows, err
}
