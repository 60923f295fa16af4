"""Properties of Wikidata under the names of predicates that the rest of worldctx uses; written by hand."""

from __future__ import annotations

from collections.abc import Mapping

#: What the name of a property begins with that is not in the table: `wdt:P1234`, its direct property in Wikidata's RDF.
PREFIX = "wdt:"

_TABLE = """
P6 head_of_government            P17 country                      P19 birth_place
P20 death_place                  P21 gender                       P22 father
P25 mother                       P26 spouse                       P27 citizenship
P30 continent                    P31 instance_of                  P35 head_of_state
P36 capital                      P37 official_language            P38 currency
P39 position_held                P40 child                        P47 borders
P50 author                       P53 family                       P54 sport_club
P57 director                     P58 screenwriter                 P59 constellation
P61 discoverer_or_inventor       P66 ancestral_home               P69 educated_at
P84 architect                    P85 anthem                       P86 composer
P88 commissioned_by              P97 noble_title                  P98 editor
P101 field_of_work               P102 party                       P103 native_language
P105 taxon_rank                  P106 occupation                  P108 employer
P110 illustrator                 P112 founded_by                  P115 home_venue
P118 league                      P119 burial_place                P122 form_of_government
P123 publisher                   P127 owned_by                    P131 located_in
P135 movement                    P136 genre                       P137 operator
P138 named_after                 P140 religion                    P141 conservation_status
P144 based_on                    P149 architectural_style         P150 has_division
P155 follows                     P156 followed_by                 P157 killed_by
P159 headquarters                P161 cast_member                 P162 producer
P166 award_received              P169 chief_executive             P170 creator
P171 parent_taxon                P172 ethnic_group                P175 performer
P176 manufacturer                P177 crosses                     P178 developer
P179 part_of_series              P180 depicts                     P184 doctoral_advisor
P185 doctoral_student            P186 material                    P189 discovery_place
P190 twinned_with                P194 legislative_body            P195 collection
P199 division                    P200 inflow                      P201 outflow
P205 basin_country               P206 body_of_water               P208 executive_body
P209 highest_court               P225 taxon_name                  P241 military_branch
P246 element_symbol              P264 record_label                P272 production_company
P274 chemical_formula            P275 licence                     P276 location
P277 programmed_in               P279 subclass_of
P286 head_coach                  P287 designer                    P291 publication_place
P306 operating_system            P344 cinematographer             P348 software_version
P355 subsidiary                  P361 part_of                     P364 original_language
P366 use                         P375 launch_vehicle              P376 on_celestial_body
P393 edition_number              P400 platform                    P403 mouth
P407 language                    P410 military_rank               P412 voice_type
P413 position_played             P414 stock_exchange              P421 time_zone
P425 field_of_occupation         P449 original_broadcaster        P451 partner
P452 industry                    P460 said_to_be_the_same_as      P463 member_of
P466 occupant                    P469 lakes_on_river              P474 calling_code
P488 chairperson                 P495 country_of_origin           P505 general_manager
P509 cause_of_death              P512 academic_degree             P516 powerplant
P520 armament                    P527 has_part                    P533 target
P541 office_contested            P551 residence                   P569 birth_date
P570 death_date                  P571 inception                   P575 discovery_date
P576 dissolved                   P577 publication_date            P580 start_time
P582 end_time                    P585 point_in_time               P606 first_flight
P607 conflict                    P610 highest_point               P619 launch_date
P620 landing_date                P641 sport                       P655 translator
P664 organiser                   P674 character                   P676 lyricist
P706 terrain_feature             P710 participant                 P726 candidate
P729 service_entry               P730 service_retirement          P737 influenced_by
P740 formation_place             P742 pseudonym                   P749 parent_organisation
P750 distributed_by              P793 significant_event           P797 authority
P800 notable_work                P802 student                     P807 separated_from
P828 caused_by                   P832 public_holiday              P840 narrative_location
P856 official_website            P859 sponsor                     P885 river_source
P921 main_subject                P937 work_location               P945 allegiance
P974 tributary                   P991 successful_candidate        P1001 jurisdiction
P1037 manager                    P1038 relative                   P1040 film_editor
P1050 medical_condition          P1056 product                    P1066 student_of
P1071 production_place           P1080 from_fictional_universe    P1081 human_development_index
P1082 population                 P1083 capacity                   P1086 atomic_number
P1092 units_produced             P1113 episodes                   P1114 quantity
P1120 number_of_deaths           P1125 gini_coefficient           P1128 employees
P1132 number_of_participants     P1142 political_ideology         P1174 visitors
P1191 first_performance_date     P1196 manner_of_death            P1198 unemployment_rate
P1249 earliest_record            P1269 facet_of                   P1303 instrument
P1308 officeholder               P1313 office_of_head_of_government
P1317 floruit                    P1339 number_of_injured          P1344 participant_in
P1346 winner                     P1365 replaces                   P1366 replaced_by
P1376 capital_of                 P1387 political_alignment        P1399 convicted_of
P1408 licensed_to_broadcast_to   P1411 nominated_for              P1412 languages_spoken
P1416 affiliation                P1427 start_point                P1433 published_in
P1435 heritage_designation       P1441 present_in_work            P1444 destination_point
P1446 number_of_missing          P1448 official_name              P1449 nickname
P1451 motto                      P1454 legal_form
P1476 title                      P1477 birth_name                 P1478 immediate_cause
P1532 country_for_sport          P1537 contributing_factor        P1538 households
P1539 female_population          P1540 male_population            P1542 has_effect
P1559 native_name                P1589 lowest_point               P1590 number_of_casualties
P1619 opening_date               P1680 subtitle                   P1705 native_label
P1716 brand                      P1813 short_name                 P1830 owner_of
P1831 electorate                 P1867 eligible_voters            P1868 ballots_cast
P1877 after_a_work_by            P1891 signatory                  P1906 office_of_head_of_state
P1923 participating_team         P1971 number_of_children         P2031 work_period_start
P2032 work_period_end            P2043 length                     P2044 elevation
P2046 area                       P2047 duration                   P2048 height
P2049 width                      P2067 mass                       P2124 members
P2130 cost                       P2131 gdp                        P2132 gdp_per_capita
P2139 revenue                    P2142 box_office                 P2196 students
P2226 market_capitalisation      P2250 life_expectancy            P2283 uses
P2295 net_profit                 P2388 office_held_by_head        P2403 total_assets
P2437 seasons                    P2527 moment_magnitude           P2541 operating_area
P2561 name                       P2632 place_of_detention         P2650 interested_in
P2669 discontinued_date          P2670 has_parts_of_the_class     P2789 connects_with
P2936 language_used              P3018 located_in_protected_area  P3075 official_religion
P3320 board_member               P3342 significant_person         P3362 operating_income
P3373 sibling                    P3716 social_classification      P3764 pole_position
P3919 contributed_to             P3999 closing_date               P4511 depth
P4552 mountain_range             P5021 assessment                 P6379 in_collection
P6886 writing_language           P7588 effective_date             P7937 form_of_work
P8031 perpetrator                P8324 funder
"""

_WORDS = _TABLE.split()
#: Numbers of properties and their predicates: P569 is `birth_date`.
PREDICATES: Mapping[str, str] = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))

#: Of an event, what its own properties are called (see model/event.py).
OF_EVENTS: Mapping[str, str] = {"P276": "has_place", "P585": "has_time"}


def predicate_of(number: str) -> str:
    """The predicate for a property: a name of the table, else `wdt:P1234`."""
    return PREDICATES.get(number) or PREFIX + number
