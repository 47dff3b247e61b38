// Text to syntax tree: the grammar, its actions, and the loop over statements that goes on after an error.
//
//   script      = { separator } [ statement { separator { separator } statement } ] { separator }
//   separator   = newline | ";"
//   block       = "{" script "}"
//
//   statement   = "import" string
//               | "let" target "=" expression
//               | "fn" name parameters body
//               | "net" name parameters body
//               | ( "model" | "guide" ) name [ parameters ] block
//               | "dist" name parameters [ "on" type ] "{" { member separator } "}"
//               | "param" target [ ":" type ] [ "via" expression ] [ "=" expression ]
//               | "for" name "in" expression block
//               | "return" [ expression ]
//               | "factor" expression
//               | target [ ":" type ] "~" expression
//               | target "=" expression
//               | expression
//   member      = name parameters body
//   target      = name [ "[" index { "," index } "]" ]
//   parameters  = "(" [ parameter { "," parameter } [ "," ] ] ")"
//   parameter   = name [ ":" type ] [ "=" expression ]
//   body        = "=" expression | block
//   type        = name [ "(" expression { "," expression } ")" ] [ "[" expression { "," expression } "]" ]
//
//   expression  = term { binary term }
//   term        = { "-" | "+" | "not" } postfix
//   binary      = "or" | "and" | "==" | "!=" | "<" | "<=" | ">" | ">=" | ":" | "+" | "-" | "*" | "/" | "//" |
//   "%"
//               | "@" | "^"
//   postfix     = primary { "(" [ arguments ] ")" | "[" index { "," index } "]" | "." word }
//   arguments   = argument { "," argument } [ "," ]
//   argument    = [ word "=" ] expression
//   index       = expression [ ":" ] | ":" [ expression ]
//   primary     = number | string | "true" | "false" | "missing" | name | "(" expression ")"
//               | "[" [ expression { "," expression } [ "," ] ] "]"
//               | "[" expression "for" name "in" expression "]"
//               | "{" [ field { "," field } [ "," ] ] "}"
//               | "if" expression block [ "else" ( if | block ) ]
//               | "fn" parameters body
//   field       = word ":" expression
//   name        = word, unless reserved
//
// Operators from loosest to tightest: or; and; not; comparisons (one); range `:` (one); + -; * / // % @;
// unary - +; ^ (from the right; its exponent may be signed). They are folded by the table in operators.cpp.
//
// The innermost open bracket decides what a newline is: space inside ( and [ and in a record, the end of a
// statement in a block. A line may go on after a binary operator, a comma, `=`, `~` and `:`. What begins with
// a name is told apart by a look at the sign after it (target_use), so that nothing is parsed twice.
#include "lang/parse.hpp"

#include <algorithm>
#include <iterator>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze.hpp>

#include "lang/builder.hpp"
#include "lang/lexicon.hpp"
#include "lang/recovery.hpp"
#include "lang/syntax_errors.hpp"

namespace elbo::lang {
namespace {
namespace grammar {

using namespace tao::pegtl;

template <typename Input>
std::uint32_t offset_of(const Input& in, const Builder& builder) {
  return static_cast<std::uint32_t>(in.current() - builder.text().data());
}

// ---- rules that PEGTL does not have: they look at the whole text, or change the state
// -------------------------

// A rule that consumes up to where `Scan(text, offset, place)` says; it fails when that is nothing, unless
// Empty.
template <auto Scan, bool Empty = false>
struct scan {
  using rule_t = scan;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class,
            typename Input>
  static bool match(Input& in, Builder& builder) {
    const std::uint32_t at = offset_of(in, builder);
    const std::uint32_t end = Scan(builder.text(), at, builder.place);
    in.bump(end - at);
    return Empty || end > at;
  }
};

// Looks without consuming.
template <auto Test>
struct look {
  using rule_t = look;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class,
            typename Input>
  static bool match(Input& in, Builder& builder) {
    return Test(builder.text(), offset_of(in, builder), builder.place);
  }
};

// Never matches; where `Test` finds a mistake, it throws the explanation.
template <auto Test>
struct refuse {
  using rule_t = refuse;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class,
            typename Input>
  static bool match(Input& in, Builder& builder) {
    Test(builder.text(), offset_of(in, builder), builder.place);
    return false;
  }
};

// What stands between two brackets; counts as one level of nesting.
template <char Open, bool NewlinesAreSpace, typename... Rules>
struct bracketed {
  using rule_t = bracketed;
  using subs_t = type_list<Rules...>;
  template <apply_mode A, rewind_mode, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    if (in.empty() || in.peek_char() != Open) return false;
    const Bracketed guard(builder, Open, offset_of(in, builder), NewlinesAreSpace);
    in.bump(1);
    return Control<seq<Rules...>>::template match<A, rewind_mode::required, Action, Control>(in, builder);
  }
};

// One level of nesting that no bracket shows.
template <typename Rule>
struct deeper {
  using rule_t = deeper;
  using subs_t = type_list<Rule>;
  template <apply_mode A, rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    const Deeper guard(builder, offset_of(in, builder));
    return Control<Rule>::template match<A, M, Action, Control>(in, builder);
  }
};

// Rules that may fail: the failure is noted, and the text skipped up to the end of the statement. A failure
// of which nothing shows the end goes on to whoever is around.
template <typename... Rules>
struct recovering {
  using rule_t = recovering;
  using subs_t = type_list<Rules...>;
  template <apply_mode A, rewind_mode, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    const std::size_t mark = builder.mark();
    const char* const begin = in.current();
    try {
      return Control<seq<Rules...>>::template match<A, rewind_mode::required, Action, Control>(in, builder);
    } catch (SyntaxFailure& failure) {
      const auto at = static_cast<std::uint32_t>(begin - builder.text().data());
      const auto resume = resume_in_block(builder.text(), at, failure);
      if (!resume) throw;
      note_failure(builder.failures, std::move(failure));
      builder.drop_to(mark);
      in.bump(static_cast<std::size_t>(builder.text().data() + *resume - in.current()));
    }
    return true;
  }
};

template <typename Rule>
struct begins_statement {
  using rule_t = begins_statement;
  using subs_t = type_list<Rule>;
  template <apply_mode A, rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    const StatementBegins guard(builder, offset_of(in, builder));
    return Control<Rule>::template match<A, M, Action, Control>(in, builder);
  }
};

// A rule that must match here, or else the message of `What` is given.
template <Expected What, typename... Rules>
struct needed : seq<Rules...> {};
template <Expected What, typename... Rules>
struct need {
  using rule_t = need;
  using subs_t = type_list<needed<What, Rules...>>;
  // Unlike PEGTL's must<>, it goes back before it fails: messages point at the end of what was read.
  template <apply_mode A, rewind_mode, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    using Rule = needed<What, Rules...>;
    if (!Control<Rule>::template match<A, rewind_mode::required, Action, Control>(in, builder)) {
      Control<Rule>::raise(static_cast<const Input&>(in), builder);
    }
    return true;
  }
};

}  // namespace grammar
}  // namespace
}  // namespace elbo::lang

namespace tao::pegtl {

// What the grammar analysis needs to know of the rules that are our own: what they may consume, and their
// parts.
template <typename Name, auto Scan, bool Empty>
struct analyze_traits<Name, elbo::lang::grammar::scan<Scan, Empty>>
    : std::conditional_t<Empty, analyze_opt_traits<>, analyze_any_traits<>> {};
template <typename Name, auto Test>
struct analyze_traits<Name, elbo::lang::grammar::look<Test>> : analyze_opt_traits<> {};
template <typename Name, auto Test>
struct analyze_traits<Name, elbo::lang::grammar::refuse<Test>> : analyze_any_traits<> {};
template <typename Name, char Open, bool NewlinesAreSpace, typename... Rules>
struct analyze_traits<Name, elbo::lang::grammar::bracketed<Open, NewlinesAreSpace, Rules...>>
    : analyze_traits<Name, typename seq<any, Rules...>::rule_t> {};
template <typename Name, elbo::lang::Expected What, typename... Rules>
struct analyze_traits<Name, elbo::lang::grammar::need<What, Rules...>>
    : analyze_traits<Name, typename seq<Rules...>::rule_t> {};
template <typename Name, typename... Rules>
struct analyze_traits<Name, elbo::lang::grammar::recovering<Rules...>>
    : analyze_traits<Name, typename seq<Rules...>::rule_t> {};
template <typename Name, typename Rule>
struct analyze_traits<Name, elbo::lang::grammar::deeper<Rule>>
    : analyze_traits<Name, typename seq<Rule>::rule_t> {};
template <typename Name, typename Rule>
struct analyze_traits<Name, elbo::lang::grammar::begins_statement<Rule>>
    : analyze_traits<Name, typename seq<Rule>::rule_t> {};

}  // namespace tao::pegtl

namespace elbo::lang {
namespace {
namespace grammar {

// ---- space, words, signs
// --------------------------------------------------------------------------------------

struct gap : scan<[](std::string_view text, std::uint32_t at, const Place& place) {
  return skip_space(text, at, place.newlines_are_space);
},
                  true> {};
struct any_gap
    : scan<[](std::string_view text, std::uint32_t at, const Place&) { return skip_space(text, at, true); },
           true> {};
struct separators : scan<[](std::string_view text, std::uint32_t at, const Place&) {
  bool ended = false;
  return skip_separators(text, at, ended);
},
                         true> {};
struct separation : scan<[](std::string_view text, std::uint32_t at, const Place&) {
  bool ended = false;
  const std::uint32_t end = skip_separators(text, at, ended);
  return ended ? end : at;
}> {};

constexpr auto word_scan = [](std::string_view text, std::uint32_t at, const Place&) {
  return word_end(text, at);
};
constexpr auto name_scan = [](std::string_view text, std::uint32_t at, const Place&) {
  const std::uint32_t end = word_end(text, at);
  return is_reserved(text.substr(at, end - at)) ? at : end;
};
struct word : scan<word_scan> {};
struct name : scan<name_scan> {};
struct name_expression : scan<name_scan> {};
struct continues : look<[](std::string_view text, std::uint32_t at, const Place&) {
  const CodePoint c = decode(text, at);
  return c.length != 0 && continues_word(c.value);
}> {};

template <char... Letters>
struct keyword : seq<string<Letters...>, not_at<continues>> {};
struct kw_import : keyword<'i', 'm', 'p', 'o', 'r', 't'> {};
struct kw_let : keyword<'l', 'e', 't'> {};
struct kw_fn : keyword<'f', 'n'> {};
struct kw_net : keyword<'n', 'e', 't'> {};
struct kw_model : keyword<'m', 'o', 'd', 'e', 'l'> {};
struct kw_guide : keyword<'g', 'u', 'i', 'd', 'e'> {};
struct kw_dist : keyword<'d', 'i', 's', 't'> {};
struct kw_on : keyword<'o', 'n'> {};
struct kw_param : keyword<'p', 'a', 'r', 'a', 'm'> {};
struct kw_via : keyword<'v', 'i', 'a'> {};
struct kw_for : keyword<'f', 'o', 'r'> {};
struct kw_in : keyword<'i', 'n'> {};
struct kw_return : keyword<'r', 'e', 't', 'u', 'r', 'n'> {};
struct kw_factor : keyword<'f', 'a', 'c', 't', 'o', 'r'> {};
struct kw_if : keyword<'i', 'f'> {};
struct kw_else : keyword<'e', 'l', 's', 'e'> {};
struct kw_and : keyword<'a', 'n', 'd'> {};
struct kw_or : keyword<'o', 'r'> {};
struct kw_not : keyword<'n', 'o', 't'> {};
struct kw_true : keyword<'t', 'r', 'u', 'e'> {};
struct kw_false : keyword<'f', 'a', 'l', 's', 'e'> {};
struct kw_missing : keyword<'m', 'i', 's', 's', 'i', 'n', 'g'> {};

struct comma : seq<gap, one<','>, any_gap> {};
struct colon : seq<gap, one<':'>, any_gap> {};
struct equals : seq<gap, one<'='>, not_at<one<'=', '>'>>, any_gap> {};
struct tilde : seq<gap, one<'~'>, any_gap> {};

template <char Close, Expected What>
struct closing : need<What, gap, one<Close>> {};
template <typename Item>
struct items : seq<Item, star<comma, Item>, opt<comma>> {};

// ---- expressions
// ----------------------------------------------------------------------------------------------

struct expression;
struct block;
struct statement;
struct parameters;
struct index;

template <Expected What>
struct need_expression : need<What, expression> {};
struct need_block : need<Expected::block, gap, block> {};
struct need_name : need<Expected::name, gap, name> {};
struct need_parameters : need<Expected::parameters, gap, parameters> {};
struct body : sor<seq<equals, need_expression<Expected::expression>>, seq<gap, block>> {};
struct need_body : need<Expected::body, body> {};

struct digits : seq<digit, star<opt<one<'_'>>, digit>> {};
struct exponent : seq<one<'e', 'E'>, opt<one<'+', '-'>>, digits> {};
struct number_value : seq<digits, opt<one<'.'>, digits>, opt<exponent>> {};
struct number : seq<number_value, need<Expected::number_end, not_at<sor<continues, one<'.'>>>>> {};

struct string_open : at<one<'"'>> {};
struct string_value
    : seq<one<'"'>, star<sor<seq<one<'\\'>, not_one<'\n'>>, not_one<'"', '\\', '\n'>>>, one<'"'>> {};
struct string_literal : seq<string_open, need<Expected::close_string, string_value>> {};
struct literal : sor<kw_true, kw_false, kw_missing> {};

struct comprehension_tail : seq<gap, kw_for, need_name, need<Expected::in, gap, kw_in>, any_gap,
                                need_expression<Expected::expression>> {};
struct list_items : seq<expression, sor<comprehension_tail, seq<star<comma, expression>, opt<comma>>>> {};
struct list : bracketed<'[', true, opt<list_items>, closing<']', Expected::close_bracket>> {};

struct record_field
    : seq<gap, word, need<Expected::record_value, colon>, need_expression<Expected::expression>> {};
struct record_end : at<gap, one<'}'>> {};
struct record_items
    : seq<need<Expected::record_field, record_field>,
          star<comma, not_at<record_end>, need<Expected::record_field, record_field>>, opt<comma>> {};
struct record : bracketed<'{', true, sor<record_end, record_items>, closing<'}', Expected::close_brace>> {};

struct parentheses
    : bracketed<'(', true, need_expression<Expected::expression>, closing<')', Expected::close_parenthesis>> {
};

struct if_word : kw_if {};
struct branch : seq<if_word, need_expression<Expected::condition>, need_block> {};
struct else_branch : seq<any_gap, need<Expected::else_branch, block>> {};
struct if_expression
    : deeper<seq<branch, star<any_gap, kw_else, any_gap, branch>, opt<any_gap, kw_else, else_branch>>> {};

struct lambda : seq<kw_fn, need_parameters, need_body> {};

struct foreign_prefix_sign : refuse<[](std::string_view text, std::uint32_t at, const Place& place) {
  if (const Foreign* sign = foreign_prefix(text, at))
    throw describe_foreign(place, at, sign->text, sign->hint);
}> {};
struct primary : sor<foreign_prefix_sign, number, string_literal, list, record, parentheses, if_expression,
                     lambda, literal, name_expression> {};

struct argument_name : seq<at<word, equals>, word, equals> {};
struct argument : seq<gap, sor<seq<argument_name, need_expression<Expected::expression>>, expression>> {};
struct call_suffix : bracketed<'(', true, opt<items<argument>>, closing<')', Expected::close_arguments>> {};

struct open_colon : one<':'> {};
struct index : sor<seq<gap, open_colon, opt<expression>>, seq<expression, opt<gap, open_colon>>> {};
struct need_index : need<Expected::index, index> {};
struct indices
    : bracketed<'[', true, need_index, star<comma, need_index>, closing<']', Expected::close_bracket>> {};
struct index_suffix : seq<indices> {};

struct field_suffix : seq<one<'.'>, not_at<one<'.', '*', '/', '+', '-', '^'>>, need<Expected::field, word>> {
};
struct postfix : seq<gap, primary, star<gap, sor<call_suffix, index_suffix, field_suffix>>> {};

struct prefix_operator : sor<one<'-', '+'>, kw_not> {};
struct foreign_operator_sign : refuse<[](std::string_view text, std::uint32_t at, const Place& place) {
  if (const Foreign* sign = foreign_operator(text, at))
    throw describe_foreign(place, at, sign->text, sign->hint);
}> {};
// In an index, `x[2:]` leaves the colon to the rule of the index.
struct range_operator : seq<one<':'>, not_at<any_gap, one<',', ']'>>> {};
struct binary_operator
    : sor<string<'=', '='>, string<'!', '='>, string<'<', '='>, string<'>', '='>, string<'/', '/'>,
          one<'<', '>', '+', '-', '*', '/', '%', '^', '@'>, range_operator, kw_and, kw_or> {};
struct signs : plus<gap, prefix_operator, any_gap> {};
struct term : sor<seq<signs, need<Expected::operand, postfix>>, postfix> {};
struct further_term
    : seq<gap, sor<foreign_operator_sign, binary_operator>, any_gap, need<Expected::operand, term>> {};
struct operation : seq<term, star<further_term>> {};
struct expression : deeper<operation> {};

// ---- statements
// -----------------------------------------------------------------------------------------------

struct type_arguments
    : bracketed<'(', true, opt<items<expression>>, closing<')', Expected::close_arguments>> {};
struct type_shape : bracketed<'[', true, items<expression>, closing<']', Expected::close_bracket>> {};
struct type : seq<gap, name, opt<gap, type_arguments>, opt<gap, type_shape>> {};
struct need_type : need<Expected::type, type> {};
struct type_note : seq<colon, need_type> {};

struct parameter : seq<gap, name, opt<type_note>, opt<equals, need_expression<Expected::expression>>> {};
struct parameters_end : at<gap, one<')'>> {};
struct parameter_list
    : seq<need<Expected::parameter, parameter>,
          star<comma, not_at<parameters_end>, need<Expected::parameter, parameter>>, opt<comma>> {};
struct parameters
    : bracketed<'(', true, sor<parameters_end, parameter_list>, closing<')', Expected::close_arguments>> {};

struct target : seq<gap, name, opt<gap, indices>> {};
struct need_target : need<Expected::target, target> {};
struct initial_value : seq<equals, need_expression<Expected::expression>> {};
struct need_value : need<Expected::value, initial_value> {};

template <TargetUse Use>
struct leads_to : look<[](std::string_view text, std::uint32_t at, const Place&) {
  return target_use(text, at) == Use;
}> {};

struct import_statement : seq<kw_import, need<Expected::path, gap, string_literal>> {};
struct let_statement : seq<kw_let, need_target, need_value> {};
// Without a name it is a lambda, and so an expression.
struct fn_statement : seq<kw_fn, at<gap, word>, need_name, need_parameters, need_body> {};
struct net_statement : seq<kw_net, need_name, need_parameters, need_body> {};
struct model_statement : seq<kw_model, need_name, opt<gap, parameters>, need_block> {};
struct guide_statement : seq<kw_guide, need_name, opt<gap, parameters>, need_block> {};

struct member : seq<gap, name, need_parameters, need_body> {};
struct members : seq<separators, opt<member, star<separation, member>, separators>> {};
struct dist_body : bracketed<'{', false, members, closing<'}', Expected::member>> {};
struct dist_statement : seq<at<kw_dist, gap, name>, kw_dist, need_name, need_parameters,
                            opt<gap, kw_on, need_type>, need<Expected::block, gap, dist_body>> {};

struct via : seq<gap, kw_via, need_expression<Expected::expression>> {};
struct param_statement : seq<kw_param, need_target, opt<type_note>, opt<via>, opt<initial_value>> {};
struct for_statement : seq<kw_for, need_name, need<Expected::in, gap, kw_in>, any_gap,
                           need_expression<Expected::expression>, need_block> {};
struct return_statement : seq<kw_return, opt<expression>> {};
struct factor_statement
    : seq<look<[](std::string_view text, std::uint32_t at, const Place&) { return begins_factor(text, at); }>,
          kw_factor, need_expression<Expected::expression>> {};
struct need_distribution : seq<need<Expected::distribution, tilde>, need_expression<Expected::expression>> {};
struct sample_statement
    : sor<seq<leads_to<TargetUse::sample>, target, need_distribution>,
          seq<leads_to<TargetUse::constrained_sample>, target, type_note, need_distribution>> {};
struct assign_statement : seq<leads_to<TargetUse::assign>, target, need_value> {};
struct arrow : refuse<[](std::string_view text, std::uint32_t at, const Place& place) {
  if (target_use(text, at) != TargetUse::arrow) return;
  throw describe_arrow(place, static_cast<std::uint32_t>(text.find("<-", at)));
}> {};
struct expression_statement : seq<expression> {};
struct statement
    : begins_statement<
          sor<import_statement, let_statement, fn_statement, net_statement, model_statement, guide_statement,
              dist_statement, param_statement, for_statement, return_statement, factor_statement,
              sample_statement, assign_statement, arrow, expression_statement>> {};

// After another statement, `- x` and `* x` look like the rest of it and would vanish without a word.
struct stray_operator : refuse<[](std::string_view text, std::uint32_t at, const Place& place) {
  constexpr std::string_view signs = "+-*/%^@<>=.:";
  const std::string_view word = text.substr(at, word_end(text, at) - at);
  const bool sign = at < text.size() && signs.find(text[at]) != std::string_view::npos;
  const bool unequal = text.substr(at, 2) == "!=";
  if (!sign && !unequal && word != "and" && word != "or") return;
  throw describe_operator_at_line_start(place, at);
}> {};
struct next_statement : sor<stray_operator, statement> {};

// In a block, a statement that fails is noted and skipped, so that those after it are read as well.
struct block_end : at<gap, one<'}'>> {};
struct end_in_block : need<Expected::close_block, sor<at<separation>, block_end>> {};
struct first_of_block
    : seq<not_at<block_end>, recovering<need<Expected::block_statement, statement>, end_in_block>> {};
struct next_of_block
    : seq<not_at<block_end>, recovering<need<Expected::block_statement, next_statement>, end_in_block>> {};
struct statements : seq<separators, opt<first_of_block, star<separation, next_of_block>, separators>> {};
struct block : bracketed<'{', false, statements, closing<'}', Expected::close_block>> {};

// One statement of a script, with the end of its line; the loop over them is in parse().
struct statement_end : sor<at<separation>, at<gap, eof>> {};
struct first_of_script
    : seq<need<Expected::statement, statement>, need<Expected::statement_end, statement_end>> {};
struct next_of_script
    : seq<need<Expected::statement, next_statement>, need<Expected::statement_end, statement_end>> {};

// For the analysis alone: everything, as a single rule.
struct script : seq<separators, opt<first_of_script, star<separation, next_of_script>>, eof> {};

// ---- actions
// --------------------------------------------------------------------------------------------------

// Leaves one piece on the stack, made of those that the rule's parts left; none when the rule does not match.
template <Make Maker>
struct makes : maybe_nothing {
  template <typename Rule, apply_mode A, rewind_mode M, template <typename...> class Action,
            template <typename...> class Control, typename Input>
  static bool match(Input& in, Builder& builder) {
    if constexpr (A == apply_mode::nothing) {
      return tao::pegtl::match<Rule, A, M, Action, Control>(in, builder);
    } else {
      const std::size_t mark = builder.mark();
      const std::uint32_t begin = skip_space(builder.text(), offset_of(in, builder), true);
      if (!tao::pegtl::match<Rule, A, M, Action, Control>(in, builder)) {
        builder.drop_to(mark);
        return false;
      }
      builder.reduce(mark, begin, offset_of(in, builder), Maker);
      return true;
    }
  }
};

template <typename Rule>
struct action : nothing<Rule> {};
template <>
struct action<word> : makes<make_identifier> {};
template <>
struct action<name> : makes<make_identifier> {};
template <>
struct action<name_expression> : makes<make_name> {};
template <>
struct action<number_value> : makes<make_number> {};
template <>
struct action<string_value> : makes<make_string> {};
template <>
struct action<literal> : makes<make_literal> {};
template <>
struct action<list> : makes<make_list> {};
template <>
struct action<record_field> : makes<make_record_field> {};
template <>
struct action<record> : makes<make_record> {};
template <>
struct action<parentheses> : makes<make_parentheses> {};
template <>
struct action<if_expression> : makes<make_if> {};
template <>
struct action<if_word> : makes<make_if_word> {};
template <>
struct action<lambda> : makes<make_lambda> {};
template <>
struct action<argument> : makes<make_argument> {};
template <>
struct action<call_suffix> : makes<make_call_suffix> {};
template <>
struct action<open_colon> : makes<make_colon> {};
template <>
struct action<index> : makes<make_index> {};
template <>
struct action<index_suffix> : makes<make_index_suffix> {};
template <>
struct action<field_suffix> : makes<make_field_suffix> {};
template <>
struct action<postfix> : makes<make_postfix> {};
template <>
struct action<prefix_operator> : makes<make_prefix_operator> {};
template <>
struct action<binary_operator> : makes<make_binary_operator> {};
template <>
struct action<operation> : makes<make_operation> {};
template <>
struct action<type_arguments> : makes<make_type_arguments> {};
template <>
struct action<type_shape> : makes<make_type_shape> {};
template <>
struct action<type> : makes<make_type> {};
template <>
struct action<parameter> : makes<make_parameter> {};
template <>
struct action<parameters> : makes<make_parameters> {};
template <>
struct action<target> : makes<make_target> {};
template <>
struct action<import_statement> : makes<make_import> {};
template <>
struct action<let_statement> : makes<make_let> {};
template <>
struct action<fn_statement> : makes<make_function> {};
template <>
struct action<net_statement> : makes<make_net> {};
template <>
struct action<model_statement> : makes<make_model> {};
template <>
struct action<guide_statement> : makes<make_guide> {};
template <>
struct action<member> : makes<make_member> {};
template <>
struct action<dist_statement> : makes<make_dist> {};
template <>
struct action<via> : makes<make_via> {};
template <>
struct action<param_statement> : makes<make_param> {};
template <>
struct action<for_statement> : makes<make_for> {};
template <>
struct action<return_statement> : makes<make_return> {};
template <>
struct action<factor_statement> : makes<make_factor> {};
template <>
struct action<sample_statement> : makes<make_sample> {};
template <>
struct action<assign_statement> : makes<make_assign> {};
template <>
struct action<expression_statement> : makes<make_expression_statement> {};
template <>
struct action<block> : makes<make_block> {};

// A rule that must match is always a `needed<What, …>`; any other does not compile.
template <typename Rule>
struct expected_by;
template <Expected What, typename... Rules>
struct expected_by<needed<What, Rules...>> {
  static constexpr Expected value = What;
};

template <typename Rule>
struct control : normal<Rule> {
  template <typename Input>
  [[noreturn]] static void raise(const Input& in, Builder& builder) {
    throw describe(builder.place, offset_of(in, builder), expected_by<Rule>::value);
  }
};

}  // namespace grammar

// Matches one rule at `at`, and moves `at` past it; null when a statement inside of it failed. Failures are
// added to `failures`, and the one that ended the statement is thrown.
template <typename Rule>
StatementPtr parse_statement(const SourcePtr& source, std::uint32_t& at,
                             std::vector<SyntaxFailure>& failures) {
  Builder builder(source);
  builder.place.statement = at;
  const std::size_t before = failures.size();
  builder.failures = std::move(failures);
  const std::string& text = source->text();
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> in(text.data() + at, text.data() + text.size(),
                                                               "");
  try {
    if (!tao::pegtl::parse<Rule, grammar::action, grammar::control>(in, builder)) {
      throw InternalError("the grammar rejected a statement without saying why");
    }
  } catch (SyntaxFailure&) {
    failures = std::move(builder.failures);
    throw;
  }
  failures = std::move(builder.failures);
  at = grammar::offset_of(in, builder);
  return failures.size() == before ? std::get<StatementPtr>(builder.pop().value) : nullptr;
}

std::uint32_t after_byte_order_mark(std::string_view text) {
  return text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
}

// The statements of a source, and the failures on the way.
struct Parsed {
  Script script;
  std::vector<SyntaxFailure> failures;
};

Parsed parse_all(const SourcePtr& source) {
  Parsed parsed;
  parsed.script.source = source;
  const std::string_view text = source->text();
  if (const auto invalid = find_invalid_utf8(text)) {
    parsed.failures.push_back({{"invalid-utf8",
                                "this byte is not UTF-8",
                                {source, *invalid, *invalid + 1},
                                {},
                                "save the file with the encoding UTF-8"},
                               *invalid,
                               false});
    return parsed;
  }
  bool ended = false;
  bool first = true;
  std::uint32_t at = skip_separators(text, after_byte_order_mark(text), ended);
  while (at < text.size()) {
    const std::uint32_t begin = at;
    try {
      parsed.script.statements.push_back(
          first ? parse_statement<grammar::first_of_script>(source, at, parsed.failures)
                : parse_statement<grammar::next_of_script>(source, at, parsed.failures));
    } catch (SyntaxFailure& failure) {
      at = std::max(resume_in_script(text, begin, failure), begin + 1);
      note_failure(parsed.failures, std::move(failure));
    }
    first = false;
    at = skip_separators(text, at, ended);
  }
  return parsed;
}

}  // namespace

std::optional<Script> parse(const SourcePtr& source, Diagnostics& diagnostics) {
  Parsed parsed = parse_all(source);
  for (SyntaxFailure& failure : parsed.failures) diagnostics.push_back(std::move(failure.diagnostic));
  if (!parsed.failures.empty()) return std::nullopt;
  return std::move(parsed.script);
}

bool is_unfinished(const SourcePtr& source) {
  // What follows comes on a line of its own: `let` cannot go on there, but `let x =` can.
  const auto line = std::make_shared<const Source>(source->name(), source->text() + "\n");
  const Parsed parsed = parse_all(line);
  return !parsed.failures.empty() && parsed.failures.front().at_end;
}

std::size_t analyze_grammar() { return tao::pegtl::analyze<grammar::script>(-1); }

}  // namespace elbo::lang
