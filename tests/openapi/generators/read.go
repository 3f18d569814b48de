// Reads a list and an export through the client that openapi-generator makes for Go, and sends a file.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	todoke "example.invalid/todoke/client"
)

func main() {
	configuration := todoke.NewConfiguration()
	configuration.Servers = todoke.ServerConfigurations{{URL: os.Getenv("TODOKE_URL")}}
	client := todoke.NewAPIClient(configuration)
	key := os.Getenv("TODOKE_KEY")
	signed := context.WithValue(context.Background(), todoke.ContextAccessToken, key)

	page, _, err := client.CatalogueAPI.ListProcedures(context.Background()).Limit(500).Execute()
	check(err == nil && page.Metadata.Resultset.Count == 59 && len(page.Results) == 59, "procedures", err)
	text, _, err := client.ExportsAPI.ExportReadinessCsv(context.Background()).Municipality("122033").Execute()
	check(err == nil && strings.HasPrefix(strings.TrimPrefix(text, "\ufeff"), "municipality_code,"), "export", err)
	if key != "" {
		file, err := os.CreateTemp("", "todoke-*.csv")
		check(err == nil, "temporary file", err)
		defer os.Remove(file.Name())
		_, err = file.WriteString("団体コード,手続ID,接点,段階\n122033,kosodate-15,mynaportal,4\n")
		check(err == nil, "temporary file", err)
		_, err = file.Seek(0, 0)
		check(err == nil, "temporary file", err)
		sent, _, err := client.ImportsAPI.CreateImport(signed).File(file).Execute()
		check(err == nil && sent.Status == todoke.ImportStatusPlanned && sent.Counts.Created == 1, "import", err)
		_, _, err = client.ImportsAPI.CancelImport(signed, sent.Id).Execute()
		check(err == nil, "cancel", err)
	}
	fmt.Println("ok")
}

func check(holds bool, what string, err error) {
	if !holds {
		fmt.Fprintln(os.Stderr, what, err)
		os.Exit(1)
	}
}
