// Reading and writing of files: CSV with all its liberties, JSON, and the messages for what is wrong in them.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "functions_script.hpp"
#include "stdlib/io/csv.hpp"

using elbo::runtime::Settings;
using elbo::test::run_script;
using elbo::test::ScriptRun;
using elbo::test::TemporaryFolder;

namespace {

/// Runs a script beside a file of this content.
ScriptRun with_file(const std::string& name, const std::string& content, const std::string& script) {
  const TemporaryFolder folder;
  folder.write(name, content);
  Settings settings;
  settings.search_path = {folder.path()};
  return run_script(script, std::move(settings));
}

ScriptRun csv(const std::string& content, const std::string& script = "d", const std::string& options = "") {
  return with_file("t.csv", content, "let d = read_csv(\"t.csv\"" + options + ")\n" + script);
}

/// What the script prints, or its error.
std::string says(const ScriptRun& run) { return run.value ? show(*run.value) : run.code; }

}  // namespace

TEST_CASE("columns are bools, ints, reals or text") {
  const std::string table = "i,r,b,t\n1,2.5,true,x\n-3,1e2,FALSE,y\n+4,+.5,True,\"z, w\"\n";
  CHECK(says(csv(table, "[1, -3, 4] == d.i")) == "[true, true, true]");
  CHECK(type_name(*csv(table, "d.i").value) == "int[3]");
  CHECK(type_name(*csv(table, "d.r").value) == "real[3]");
  CHECK(says(csv(table, "sum(d.r)")) == "103");
  CHECK(says(csv(table, "d.b")) == "[true, false, true]");
  CHECK(says(csv(table, "d.t[3]")) == says(run_script("\"z, w\"")));
  CHECK(says(csv("a\n1\n9223372036854775808\n", "d.a[2] > 9e18")) == "true");
  CHECK(type_name(*csv("a\n1\n9223372036854775808\n", "d.a").value) == "real[2]");
  CHECK(type_name(*csv("a\n0x10\n1\n", "d.a").value) == "list");
  CHECK(type_name(*csv("a\n1 2\n", "d.a").value) == "list");
  CHECK(type_name(*csv("a\n--1\n+-1\n", "d.a").value) == "list");
  CHECK(says(csv("a\ninf\n-inf\n", "d.a")) == says(run_script("[inf, -inf]")));
}

TEST_CASE("line ends, byte-order mark, blank lines, spaces, delimiters") {
  for (const std::string text :
       {"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n",
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,4\n",
        "\n\na,b\n\n1,2\n\n3,4\n\n\n", " a , b \n 1 ,\t2\n3 , 4 \n", "a,b\r1,2\r3,4\r",
        "\"a\",\"b\"\n\"1\",\"2\"\n3,4\n", "\"a\" , \"b\"\n1,2\n3,4\n"}) {
    INFO(text);
    const ScriptRun run = csv(text, "[sum(d.a), sum(d.b), length(d.a)]");
    CHECK(says(run) == "[4, 6, 2]");
    CHECK(run.log.empty());
  }
  CHECK(says(csv("a;b\n1;2,5\n", "d.b", ", delimiter = \";\"")) == says(run_script("[\"2,5\"]")));
  CHECK(says(csv("a\tb\n1\t\n", "is_missing(d.b)", ", delimiter = \"\\t\"")) == "[true]");
  CHECK(says(csv("1,2\n3,4\n", "d.column_2", ", header = false")) == "[2, 4]");
  CHECK(says(csv("a,b\n1,2\n", "0", ", delimiter = \";;\"")) == "bad-argument");
}

TEST_CASE("quotes hold delimiters, newlines and doubled quotes") {
  const std::string text = "a,b\n\"x,y\",\"line 1\nline 2\"\n\"say \"\"hi\"\"\",\"\"\n";
  CHECK(says(csv(text, "d.a[1] == \"x,y\"")) == "true");
  CHECK(says(csv(text, "d.a[2] == \"say \\\"hi\\\"\"")) == "true");
  CHECK(says(csv(text, "d.b[1] == \"line 1\\nline 2\"")) == "true");
  CHECK(says(csv(text, "d.b[2] == \"\"")) == "true");
  const ScriptRun open = csv("a,b\n1,\"2\n3,4\n");
  CHECK(open.code == "csv-quote");
  CHECK(open.message.find("line 2") != std::string::npos);
  CHECK(csv("a,b\n1,\"2\"x\n").code == "csv-quote");
}

TEST_CASE("missing cells are kept and reported once per column") {
  const ScriptRun run = csv("x,y,s\n1,NA,a\n,2.5,\nnull,4,\"\"\n",
                            "[count(is_missing(d.x)), count(is_missing(d.y)), "
                            "count(is_missing(d.s))]");
  CHECK(says(run) == "[2, 1, 1]");
  CHECK(run.log.find("column `x` of ") != std::string::npos);
  CHECK(run.log.find("2 missing values, the first in line 3") != std::string::npos);
  CHECK(run.log.find("1 missing value, in line 2") != std::string::npos);
  CHECK(says(csv("x\n1\n-99\n", "is_missing(d.x)", ", missing = [\"-99\"]")) == "[false, true]");
  CHECK(csv("x\n1\n", "0", ", missing = 3").code == "wrong-type");
  CHECK(type_name(*csv("x,y\nNA,1\nNA,2\n", "d.x").value) == "real[2]");
  CHECK(says(csv("x\n1\n\n3\n\n", "is_missing(d.x)")) ==
        "[false, true, false]");  // one column: a blank line is a cell
  CHECK(says(csv("b\ntrue\nNA\n", "d.b[1]")) == "1");
}

TEST_CASE("rows of another length are an error that names the line") {
  const ScriptRun run = csv("a,b\n1,2\n\"p\nq\",2,3\n");
  CHECK(run.code == "csv-row-length");
  CHECK(run.message.find("line 3 of ") != std::string::npos);
  CHECK(run.message.find("has 3 cells, but line 1 has 2") != std::string::npos);
  CHECK(run.spot == "\"t.csv\"");
  CHECK(csv("a,b\n1\n").message.find("has 1 cell,") != std::string::npos);
}

TEST_CASE("headers become names") {
  const ScriptRun run =
      csv("\"\",my col,2nd,größe,if\n1,2,3,4,5\n", "[d.column_1, d.my_col, d._2nd, d.größe, d.if][:, 1]");
  CHECK(says(run) == "[1, 2, 3, 4, 5]");
  CHECK(run.log.find("`my col` is read as `my_col`") != std::string::npos);
  CHECK(csv("a,a\n1,2\n").code == "csv-duplicate-column");
  CHECK(csv("a b,a_b\n1,2\n").code == "csv-duplicate-column");
}

TEST_CASE("files that are not there or hold nothing") {
  CHECK(run_script("read_csv(\"no-such-file.csv\")").code == "file-not-found");
  CHECK(csv("").code == "file-empty");
  CHECK(csv("\n\n").code == "file-empty");
  CHECK(says(csv("a,b\n", "length(d.a)")) == "0");
}

TEST_CASE("what write_csv writes, read_csv reads") {
  const TemporaryFolder folder;
  Settings settings;
  settings.search_path = {folder.path()};
  settings.output_folder = folder.path();
  const ScriptRun run = run_script(
      "write_csv({i: [1, 2, 3], r: [0.1, missing, 1e-300], b: [true, false, true], "
      "t: [\"a,b\", \"c\\\"d\", \" e\\nf\"]}, \"sub/t.csv\")\n"
      "let d = read_csv(\"sub/t.csv\")\n"
      "[all(d.i == [1, 2, 3]), d.r[1] == 0.1, is_missing(d.r)[2], d.r[3] == 1e-300, all(d.b == [true, false, "
      "true]), "
      "d.t[1] == \"a,b\", d.t[2] == \"c\\\"d\", d.t[3] == \" e\\nf\"]",
      settings);
  INFO(run.message);
  CHECK(says(run) == "[true, true, true, true, true, true, true, true]");
  CHECK(run_script("write_csv({a: [1, 2], b: [1]}, \"t.csv\")", settings).code == "shape-mismatch");
  CHECK(run_script("write_csv({a: zeros([2, 2])}, \"t.csv\")", settings).code == "wrong-type");
  CHECK(run_script("write_csv({a: 1}, \"sub\")", settings).code == "file-not-writable");
  CHECK(folder.names() == std::vector<std::string>{"sub"});  // nothing unfinished is left
}

TEST_CASE("columns change their type in any row, and keep what came before") {
  // Enough rows for every column to be in the middle of numbers.
  const auto column = [](std::vector<std::string> cells, const std::string& script,
                         const std::string& options = "") {
    std::string text = "a,b\n";
    for (const std::string& cell : cells) text += cell + "," + cell + "\n";
    const ScriptRun run = csv(text, script, options);
    return run.value ? type_name(*csv(text, "d.a", options).value) + " " + show(*run.value)
                     : run.code + run.message;
  };
  CHECK(column({"1", "0", "-0", "007", "-5"}, "d.b") == "int[5] [1, 0, 0, 7, -5]");
  CHECK(column({"0", "-0", "3", "2.5"}, "[1 / d.b[2], d.b[4]]") == "real[4] [-inf, 2.5]");
  CHECK(column({"9007199254740993", "1"}, "d.b[1] == 9007199254740993") == "int[2] true");
  CHECK(column({"9223372036854775807", "9223372036854775808"}, "d.b[1] == d.b[2]") == "real[2] true");
  CHECK(column({"1", "NA", "3"}, "d.b") == "real[3] [1, missing, 3]");
  CHECK(column({"NA", "1", "3"}, "d.b") == "real[3] [missing, 1, 3]");
  CHECK(column({"NA", "true", "false"}, "d.b") == "real[3] [missing, 1, 0]");
  CHECK(column({"true", "NA", "false"}, "d.b") == "real[3] [1, missing, 0]");
  CHECK(column({"NA", "NA"}, "count(is_missing(d.b))") == "real[2] 2");
  CHECK(column({"1", "2", "x", "NA", "3"}, "[d.b[1] == \"1\", d.b[3] == \"x\", d.b[5] == \"3\"]") ==
        "list [true, true, true]");
  CHECK(column({"1.5", "true"}, "d.b[2] == \"true\"") == "list true");
  CHECK(column({"true", "1"}, "d.b[1] == \"true\"") == "list true");
  CHECK(column({"NA", "true", "2"}, "d.b[3] == \"2\"") == "list true");
  CHECK(column({"NA", "2", "true"}, "d.b[3] == \"true\"") == "list true");
  CHECK(column({"1", "2", "3"}, "count(is_missing(d.b))", ", missing = [\"2\", \"-\"]") == "real[3] 1");
  CHECK(column({"1", "+2", " 3 ", "4\t"}, "d.b") == "int[4] [1, 2, 3, 4]");
  CHECK(column({"1.5", "\"2.5\"", " 3", "+4", ".5", "-.5", "1e3", "inf", "-inf"}, "d.b[2:9]") ==
        "real[9] [2.5, 3, 4, 0.5, -0.5, 1000, inf, -inf]");
  CHECK(column({"1.5", "1.5x"}, "d.b[2] == \"1.5x\"") == "list true");
  CHECK(column({"1", "2-3"}, "d.b[2] == \"2-3\"") == "list true");
  CHECK(says(csv("a5b\n15-2\n35-4\n", "d.a + d.b", ", delimiter = \"5\"")) == "[-1, -1]");
}

TEST_CASE("warnings and errors name the lines of large files too") {
  std::string text = "a,b\n";
  for (int i = 0; i < 1000; ++i) text += i == 500 ? "NA,1.5\n" : "1,2.5\n";
  CHECK(csv(text).log.find("column `a` of ") != std::string::npos);
  CHECK(csv(text).log.find("1 missing value, in line 502") != std::string::npos);
  const ScriptRun longer = csv(text + "1,2,3\n");
  CHECK(longer.code == "csv-row-length");
  CHECK(longer.message.find("line 1002 of ") != std::string::npos);
  const ScriptRun open = csv(text + "1,\"2\n");
  CHECK(open.code == "csv-quote");
  CHECK(open.message.find("line 1002 of ") != std::string::npos);
}

TEST_CASE("JSON: numbers, tensors, records, lists") {
  const auto json = [](const std::string& content, const std::string& script) {
    return with_file("t.json", content, "let d = read_json(\"t.json\")\n" + script);
  };
  const std::string schools =
      R"({"J": 8, "y": [28, 8, -3], "sigma": [15, 10.5, 16], "m": [[1, 2], [3, 4]], "ok": [true, false],
    "n": [1, null, 3], "s": "text", "ragged": [[1], [2, 3]], "rows": [{"a": 1}, {"a": 2}], "none": null, "my key": 1, "e": []})";
  CHECK(type_name(*json(schools, "d.y").value) == "int[3]");
  CHECK(type_name(*json(schools, "d.sigma").value) == "real[3]");
  CHECK(says(json(schools, "d.m[2, 1]")) == "3");
  CHECK(says(json(schools, "d.ok")) == "[true, false]");
  CHECK(says(json(schools, "is_missing(d.n)")) == "[false, true, false]");
  CHECK(type_name(*json(schools, "d.ragged").value) == "list");
  CHECK(says(json(schools, "d.rows[2].a")) == "2");
  CHECK(type_name(*json(schools, "d.none").value) == "missing");
  CHECK(says(json(schools, "d.my_key")) == "1");
  CHECK(type_name(*json(schools, "d.e").value) == "real[0]");
  CHECK(type_name(*json("[1, \"a\"]", "d").value) == "list");
  CHECK(type_name(*json("[1, [2]]", "d").value) == "list");
  CHECK(type_name(*json("[18446744073709551615]", "d").value) == "real[1]");
  const ScriptRun broken = json("{\n  \"a\": 1,\n  \"b\" 2\n}", "d");
  CHECK(broken.code == "json-syntax");
  CHECK(broken.message.find("line 3, column 7") != std::string::npos);
  CHECK(json("{\"a\": 1", "d").message.find("ends too early") != std::string::npos);
  CHECK(json("{\"a\": 1, \"a\": 2}", "d").code == "json-duplicate-key");
  CHECK(json("[{\"a\": 1}, {\"a\": 2}]", "d").code.empty());
}

TEST_CASE("JSON: arrays of numbers are tensors for as long as all items are alike") {
  const auto json = [](const std::string& content, const std::string& script = "d") {
    const ScriptRun run = with_file("t.json", content, "let d = read_json(\"t.json\")\n" + script);
    return run.value ? type_name(*run.value) + " " + show(*run.value) : run.code;
  };
  CHECK(json("[[1, 2], [3, 4.5]]") == "real[2, 2] [[1, 2], [3, 4.5]]");
  CHECK(json("[[[1], [2]], [[3], [4]]]") == "int[2, 2, 1] [[[1], [2]], [[3], [4]]]");
  CHECK(json("[[1, 2], [3.5, 4], \"a\"]", "d[1]") == "int[2] [1, 2]");
  CHECK(json("[[1, 2], [3.5, 4], \"a\"]", "d[2]") == "real[2] [3.5, 4]");
  CHECK(json("[[1], [2, 3], [4]]", "d[3]") == "int[1] [4]");
  CHECK(json("[[1], 2]", "d[2]") == "int 2");
  CHECK(json("[1, [2], null, true]", "[type(d[1]), type(d[2]), type(d[3]), type(d[4])]") ==
        json("0", "[type(1), type([2]), type(missing), type(true)]"));
  CHECK(json("[[1, 2], [true, false]]", "d[2]") == "bool[2] [true, false]");
  CHECK(json("[true, null]") == "real[2] [1, missing]");
  CHECK(json("[null, null]", "count(is_missing(d))") == "int 2");
  CHECK(json("[[null, 1], [2, 3]]") == "real[2, 2] [[missing, 1], [2, 3]]");
  CHECK(json("[9007199254740993, 1.5, \"a\"]", "d[1] == 9007199254740993") == "bool true");
  CHECK(json("[9007199254740993, 1]", "d[1] == 9007199254740993") == "bool true");
  CHECK(json("[[], []]") == json("0", "zeros([2, 0])"));
  CHECK(json("[[], [1]]", "type(d[1])") == json("0", "type(zeros(0))"));
  CHECK(json("[[[]], []]", "length(d)") == "int 2");
  CHECK(json("[{\"a\": [1, 2]}, {\"a\": [[1], [2]]}]", "d[2].a") == "int[2, 1] [[1], [2]]");
  CHECK(json("3.5") == "real 3.5");
  CHECK(json("null") == "missing missing");
  CHECK(json("[1, 2] 3") == "json-syntax");
  CHECK(json("[1e999]") == "json-syntax");
  CHECK(json("{\"a b\": 1, \"a_b\": 2}") == "json-duplicate-key");
  CHECK(json("{\"a\": {\"a\": 1}, \"b\": [{\"a\": 2}]}", "d.b[1].a") == "int 2");
}
